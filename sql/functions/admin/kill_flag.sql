SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.kill_flag(p_key text, p_reason text, p_killed boolean DEFAULT true) RETURNS config.service_configs
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_flag jsonb;
    v_row  config.service_configs;
BEGIN
    PERFORM core.require_reason(p_reason);
    -- Nobody lets go of a switch by saying nothing.
    IF p_killed IS NULL THEN
        RAISE EXCEPTION 'the kill switch is on or off, not NULL' USING ERRCODE = '22023', HINT = 'p_killed => true, or false.';
    END IF;
    SELECT c.value::jsonb INTO v_flag FROM config.service_configs AS c
    WHERE c.org_id = 0 AND c.service = 'features' AND c.key = p_key AND c.value IS NOT NULL
    FOR UPDATE;
    IF jsonb_typeof(v_flag) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'there is no flag %', quote_nullable(p_key)
            USING ERRCODE = 'P0002', HINT = 'SELECT key FROM admin.flags() lists them. A plain switch is set by admin.set_default.';
    END IF;
    PERFORM pg_catalog.set_config('app.reason', p_reason, true);
    -- What it was stays as it was, and comes back with the switch. An UPDATE, not admin.set_default: that
    -- would wait, as an INSERT, for everybody who is changing flags at this moment.
    UPDATE config.service_configs AS c
    SET value = (CASE WHEN p_killed THEN v_flag || '{"killed": true}' ELSE v_flag - 'killed' END)::text
    WHERE c.org_id = 0 AND c.service = 'features' AND c.key = p_key
    RETURNING * INTO v_row;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION admin.kill_flag(text, text, boolean) IS
    'The kill switch: from now on the flag is off for everybody, whatever rules, schedules and organisations say; p_killed => false takes that back, and all is as it was. It waits for nobody but who is changing this flag at the same moment. P0002: no such flag. 22023: no reason, or neither true nor false. AR422: the reason looks like a secret. Example: SELECT version FROM admin.kill_flag(''new-checkout'', ''incident 4711'');';
REVOKE EXECUTE ON FUNCTION admin.kill_flag(text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.kill_flag(text, text, boolean) TO ark_dba;
