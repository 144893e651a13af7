SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION core.raise_identity(p_relation regclass, p_column name, p_least bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_sequence text := pg_get_serial_sequence(p_relation::text, p_column);
    v_last     bigint;
BEGIN
    IF v_sequence IS NOT NULL THEN
        EXECUTE format('SELECT last_value FROM %s', v_sequence) INTO v_last;
        IF v_last < p_least THEN
            PERFORM setval(v_sequence, p_least);
        END IF;
    END IF;
END
$$;

COMMENT ON FUNCTION core.raise_identity(regclass, name, bigint) IS
    'The numbers of an identity column go on above p_least, so that what was imported with its own is not met again.';
REVOKE EXECUTE ON FUNCTION core.raise_identity(regclass, name, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.raise_identity(regclass, name, bigint) TO ark_system;
