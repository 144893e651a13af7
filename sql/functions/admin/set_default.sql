SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.set_default(p_service text, p_key text, p_value text, p_reason text)
RETURNS config.service_configs
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_row config.service_configs;
BEGIN
    PERFORM core.require_reason(p_reason);
    IF p_service IS NULL OR p_key IS NULL THEN
        RAISE EXCEPTION 'no service or no key' USING ERRCODE = '22023';
    END IF;
    IF EXISTS (SELECT FROM config.key_schema AS k WHERE k.service = p_service AND k.key = p_key AND k.is_mirror) THEN
        RAISE EXCEPTION '%.% mirrors something else and has no default', p_service, p_key USING ERRCODE = '42501';
    END IF;
    PERFORM pg_catalog.set_config('app.reason', p_reason, true);
    INSERT INTO config.service_configs AS c (org_id, service, key, value)
    VALUES (0, p_service, p_key, p_value)
    ON CONFLICT (org_id, service, key) DO UPDATE SET value = excluded.value
    RETURNING * INTO v_row;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION admin.set_default(text, text, text, text) IS
    'Sets the platform''s value of a key, which holds for every organisation that has set none; NULL takes it away. Reaches pods like every other change. 22023: unknown key, wrong type or range, no reason. AR422: looks like a secret. 55000: a flag of service features, under another level than READ COMMITTED. 42501: the key is a mirror. Example: SELECT version FROM admin.set_default(''ai'', ''threshold'', ''0.8'', ''measured on last week'');';
REVOKE EXECUTE ON FUNCTION admin.set_default(text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.set_default(text, text, text, text) TO ark_dba;
