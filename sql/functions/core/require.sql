SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION core.require(p_role text DEFAULT 'viewer') RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.current_org();
BEGIN
    IF v_org IS NULL THEN
        IF core.is_strict() THEN
            RAISE EXCEPTION 'no session' USING ERRCODE = '28000',
                HINT = 'Begin every transaction with SELECT api.begin_request(handle).';
        END IF;
        RAISE EXCEPTION 'no organisation is chosen'
            USING ERRCODE = '55000', HINT = 'SET app.current_org = 123, with the id of an organisation.';
    END IF;
    IF NOT core.may(p_role) THEN
        RAISE EXCEPTION 'this needs the role % in the organisation', p_role
            USING ERRCODE = '42501', HINT = 'An owner or admin of the organisation can change roles.';
    END IF;
    RETURN v_org;
END
$$;

COMMENT ON FUNCTION core.require(text) IS
    'The current organisation, in which the session''s user must have at least a role. 55000: no organisation is chosen. 28000: no session (strict). 42501: the role is missing.';
GRANT EXECUTE ON FUNCTION core.require(text) TO PUBLIC;
