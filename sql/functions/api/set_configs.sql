SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION api.set_configs(p_changes jsonb, p_reason text, p_actor text DEFAULT NULL)
RETURNS SETOF config.service_configs
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_change record;
BEGIN
    IF jsonb_typeof(p_changes) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'the changes are no JSON array'
            USING ERRCODE = '22023', HINT = '[{"service": "ai", "key": "threshold", "value": "0.9", "expected_version": 4}]';
    END IF;
    -- By name: two who set several keys at once take them in one order.
    FOR v_change IN
        SELECT c.change, c.change ->> 'service' AS service, c.change ->> 'key' AS key, c.change ->> 'value' AS value,
               c.change ->> 'expected_version' AS expected_version,
               count(*) OVER (PARTITION BY c.change ->> 'service', c.change ->> 'key') AS times
        FROM jsonb_array_elements(p_changes) AS c (change)
        ORDER BY c.change ->> 'service', c.change ->> 'key'
    LOOP
        IF jsonb_typeof(v_change.change) <> 'object' THEN
            RAISE EXCEPTION 'a change that is no object' USING ERRCODE = '22023';
        END IF;
        IF v_change.service IS NULL OR v_change.key IS NULL THEN
            RAISE EXCEPTION 'a change without service or key' USING ERRCODE = '22023';
        END IF;
        -- A value that is not there is a mistake, not a null: that would delete the key.
        IF NOT v_change.change ? 'value' OR v_change.change - ARRAY['service', 'key', 'value', 'expected_version'] <> '{}' THEN
            RAISE EXCEPTION 'the change of %.% has not service, key, value and perhaps expected_version, and nothing else',
                v_change.service, v_change.key USING ERRCODE = '22023';
        END IF;
        IF v_change.expected_version !~ '^[0-9]{1,18}$' THEN
            RAISE EXCEPTION 'the expected version of %.% is no version', v_change.service, v_change.key USING ERRCODE = '22023';
        END IF;
        IF v_change.times > 1 THEN
            RAISE EXCEPTION '%.% is set twice', v_change.service, v_change.key USING ERRCODE = '22023';
        END IF;
        RETURN NEXT api.set_config(
            v_change.service, v_change.key, v_change.value, p_reason, v_change.expected_version::bigint, p_actor);
    END LOOP;
END
$$;

COMMENT ON FUNCTION api.set_configs(jsonb, text, text) IS
    'Sets several keys of the current organisation, all or none, and returns their rows. p_changes: a JSON array of objects with service, key, value (null deletes) and, if wanted, expected_version. Pods see them together. Errors: those of api.set_config. 22023: no array, a key twice, a field too many or none for the value. AR409: an expected_version is not the current one. 42501: the session''s user is no admin. 55000: no organisation. 28000: no session (strict). AR422: looks like a secret. Example: SELECT * FROM api.set_configs(''[{"service": "features", "key": "dark_mode", "value": true}]'', ''release 12'');';
REVOKE EXECUTE ON FUNCTION api.set_configs(jsonb, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.set_configs(jsonb, text, text) TO ark_app, ark_app_strict, ark_dba;
