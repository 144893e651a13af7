SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.define_flag(
    p_key text, p_definition jsonb, p_reason text, p_description text DEFAULT NULL, p_owner text DEFAULT NULL)
RETURNS config.service_configs
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_schema config.key_schema;
    v_killed boolean;
BEGIN
    IF p_key IS NULL THEN
        RAISE EXCEPTION 'no flag is named' USING ERRCODE = '22023', HINT = 'SELECT admin.define_flag(''new-checkout'', …)';
    END IF;
    IF jsonb_typeof(p_definition) IS DISTINCT FROM 'object' THEN
        PERFORM config.flag_wrong(p_key, 'it', 'is no object', 'admin.remove_flag takes a flag away.');
    END IF;
    PERFORM core.require_reason(p_reason);
    -- Before the rows, as everybody else who changes flags.
    PERFORM config.lock_flags();
    SELECT * INTO v_schema FROM config.key_schema AS k WHERE k.service = 'features' AND k.key = p_key;
    -- Its own row says that it is no plain switch: readers get the type json.
    IF v_schema.type IS DISTINCT FROM 'json' OR p_description IS NOT NULL OR p_owner IS NOT NULL THEN
        PERFORM admin.define_key('features', p_key, 'json',
            coalesce(p_description, v_schema.description, 'A feature flag.'), coalesce(p_owner, v_schema.owner));
    END IF;
    -- Nobody turns a kill switch back by the way.
    SELECT c.value::jsonb -> 'killed' = 'true' INTO v_killed FROM config.service_configs AS c
    WHERE c.org_id = 0 AND c.service = 'features' AND c.key = p_key
    FOR UPDATE;
    RETURN admin.set_default('features', p_key,
        (p_definition - 'killed' || CASE WHEN v_killed THEN '{"killed": true}' ELSE '{}' END::jsonb)::text, p_reason);
END
$$;

COMMENT ON FUNCTION admin.define_flag(text, jsonb, text, text, text) IS
    'Defines a feature flag, or changes its definition: a version, a row of history and a way to the pods like every configuration value (docs/flags.md). A kill switch stays as it is: admin.kill_flag turns it. AR422: where the definition is wrong, or it does not go with other flags, or something looks like a secret. 22023: no key, no reason, or more than 65536 bytes. 23514: no name of a key. 55000: not READ COMMITTED. 42501: a mirror. Example: SELECT version FROM admin.define_flag(''new-checkout'', ''{"rollout": {"shares": [{"variant": "on", "weight": 25000}, {"variant": "off", "weight": 75000}]}}'', ''a quarter to begin with'', ''The new checkout.'', ''shop'');';
REVOKE EXECUTE ON FUNCTION admin.define_flag(text, jsonb, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.define_flag(text, jsonb, text, text, text) TO ark_dba;
