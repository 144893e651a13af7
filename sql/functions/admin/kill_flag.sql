SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.kill_flag(p_key text, p_reason text, p_killed boolean DEFAULT true) RETURNS config.service_configs
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_flag jsonb;
BEGIN
    -- What it was stays as it was, and comes back with the switch.
    SELECT c.value::jsonb INTO v_flag FROM config.service_configs AS c
    WHERE c.org_id = 0 AND c.service = 'features' AND c.key = p_key AND c.value IS NOT NULL
    FOR UPDATE;
    IF jsonb_typeof(v_flag) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'there is no flag %', quote_nullable(p_key)
            USING ERRCODE = 'P0002', HINT = 'SELECT key FROM admin.flags() lists them. A plain switch is set by admin.set_default.';
    END IF;
    RETURN admin.set_default('features', p_key,
        (CASE WHEN p_killed THEN v_flag || '{"killed": true}' ELSE v_flag - 'killed' END)::text, p_reason);
END
$$;

COMMENT ON FUNCTION admin.kill_flag(text, text, boolean) IS
    'The kill switch: from now on the flag is off for everybody, whatever rules, schedules and organisations say; p_killed => false takes that back, and all is as it was. P0002: no such flag. 22023: no reason. AR422: the reason looks like a secret. 42501: a mirror. Example: SELECT version FROM admin.kill_flag(''new-checkout'', ''incident 4711'');';
REVOKE EXECUTE ON FUNCTION admin.kill_flag(text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.kill_flag(text, text, boolean) TO ark_dba;
