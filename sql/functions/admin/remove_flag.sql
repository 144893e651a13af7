SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.remove_flag(p_key text, p_reason text) RETURNS config.service_configs
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM core.require_reason(p_reason);
    -- Before the row, as everybody else who changes flags.
    PERFORM config.lock_flags();
    IF NOT EXISTS (
        SELECT FROM config.service_configs AS c
        WHERE c.org_id = 0 AND c.service = 'features' AND c.key = p_key AND c.value IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'there is no flag %', quote_nullable(p_key)
            USING ERRCODE = 'P0002', HINT = 'SELECT key FROM admin.flags() lists them.';
    END IF;
    RETURN admin.set_default('features', p_key, NULL, p_reason);
END
$$;

COMMENT ON FUNCTION admin.remove_flag(text, text) IS
    'Takes a flag away: a tombstone, so that pods hear of it; its history stays, its evaluations go. What organisations have chosen stays with them, for when it is defined again; until then it is unknown to them as to everybody. P0002: no such flag. AR422: others need it, or the reason looks like a secret. 22023: no reason. 55000: not READ COMMITTED. 42501: a mirror. Example: SELECT version FROM admin.remove_flag(''new-checkout'', ''everybody has it since May'');';
REVOKE EXECUTE ON FUNCTION admin.remove_flag(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.remove_flag(text, text) TO ark_dba;
