SET LOCAL ROLE ark_owner;

-- SECURITY INVOKER: row-level security decides whose own choice it is.
CREATE OR REPLACE FUNCTION api.flag(p_key text, p_subject text DEFAULT NULL, p_attributes jsonb DEFAULT '{}')
RETURNS TABLE (value jsonb, variant text, reason text, rule text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org   bigint := core.require('viewer');
    v_flags jsonb := config.platform_flags(p_key);
    v_own   jsonb;
BEGIN
    IF jsonb_typeof(p_attributes) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'the attributes are no JSON object' USING ERRCODE = '22023', HINT = '{"plan": "pro", "country": "DE"}';
    END IF;
    SELECT jsonb_object_agg(c.key, c.value::jsonb) INTO v_own
    FROM config.service_configs AS c
    WHERE c.org_id = v_org AND c.service = 'features' AND c.value IS NOT NULL
      AND c.key = ANY (ARRAY(SELECT jsonb_object_keys(v_flags)) || p_key);
    -- A switch that only the organisation has. (Of a flag that was removed v_flags has null: it is unknown,
    -- also to those who had chosen for themselves.)
    IF NOT v_flags ? p_key AND v_own ? p_key THEN
        v_flags := v_flags || jsonb_build_object(p_key, false);
    END IF;
    RETURN QUERY
        SELECT f.value, f.variant, f.reason, f.rule
        FROM config.evaluate_flag(
            v_flags, v_own, p_key,
            p_attributes || jsonb_build_object('org_id', v_org::text) || CASE WHEN p_subject IS NULL THEN '{}' ELSE jsonb_build_object('subject', p_subject) END,
            to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) AS f;
END
$$;

COMMENT ON FUNCTION api.flag(text, text, jsonb) IS
    'Evaluates a feature flag for a subject (a user, a device, whatever is to stay in its share) of the current organisation, by its attributes: the variant''s value, its name, why, and the rule that decided. An unknown flag has no value and the reason unknown: use your own default then. Services that hold their configuration in memory evaluate the same way without asking (docs/flags.md). 22023: the attributes are no object. 55000: no organisation. 28000: no session (strict). 42501: the session''s user may not. Example: SELECT value, reason FROM api.flag(''new-checkout'', ''user-17'', ''{"plan": "pro"}'');';
REVOKE EXECUTE ON FUNCTION api.flag(text, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.flag(text, text, jsonb) TO ark_app, ark_app_strict, ark_app_ro, ark_dba;
