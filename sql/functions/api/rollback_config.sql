SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION api.rollback_config(
    p_service text, p_key text, p_version bigint, p_reason text,
    p_expected_version bigint DEFAULT NULL, p_actor text DEFAULT NULL)
RETURNS config.service_configs
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org   bigint := core.require('admin');
    v_value text;
BEGIN
    SELECT h.new_value INTO v_value FROM config.config_history AS h
    WHERE h.org_id = v_org AND h.service = p_service AND h.key = p_key AND h.version = p_version;
    IF NOT FOUND THEN
        RAISE EXCEPTION '%.% never had version %', p_service, p_key, p_version
            USING ERRCODE = 'P0002', HINT = 'SELECT version, new_value, changed_at FROM config_history tells its versions.';
    END IF;
    IF v_value = '[erased]' THEN
        RAISE EXCEPTION 'the value of version % of %.% was erased', p_version, p_service, p_key
            USING ERRCODE = '55000', HINT = 'Set it by api.set_config.';
    END IF;
    RETURN api.set_config(p_service, p_key, v_value, p_reason, p_expected_version, p_actor);
END
$$;

COMMENT ON FUNCTION api.rollback_config(text, text, bigint, text, bigint, text) IS
    'Gives a key the value that it had in a version, as a new version, and returns its row. P0002: it never had that version. 55000: that version was erased. Errors: those of api.set_config; the old value is checked by today''s rules. AR409: p_expected_version is not the current one. 42501: the session''s user is no admin. 22023: it does not fit its key any more, or no reason. AR422: the reason, or the old value, looks like a secret. 28000: no session (strict). Example: SELECT * FROM api.rollback_config(''ai'', ''threshold'', 4, ''false positives since version 5'');';
REVOKE EXECUTE ON FUNCTION api.rollback_config(text, text, bigint, text, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.rollback_config(text, text, bigint, text, bigint, text) TO ark_app, ark_app_strict, ark_dba;
