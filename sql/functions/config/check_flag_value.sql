SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.check_flag_value(p_org_id bigint, p_key text, p_value text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_value    jsonb;
    v_flag     jsonb;
    v_variants jsonb;
    v_wanted   text;
BEGIN
    IF p_org_id = 0 THEN
        v_value := p_value::jsonb;
        IF jsonb_typeof(v_value) = 'object' THEN
            PERFORM config.check_flag(p_key, v_value);
        ELSIF jsonb_typeof(v_value) <> 'boolean' THEN
            PERFORM config.flag_wrong(p_key, 'it', 'is neither true, false nor an object');
        END IF;
        RETURN;
    END IF;
    -- A switch that knows no variants, as ever; and nothing at all.
    IF p_value IS NULL OR p_value = 'false' THEN
        RETURN;
    END IF;
    v_flag := config.platform_flags(p_key) -> p_key;
    v_variants := coalesce(CASE WHEN jsonb_typeof(v_flag) = 'object' THEN v_flag -> 'variants' END, '{"on": true, "off": false}');
    v_value := p_value::jsonb;
    IF jsonb_typeof(v_value) = 'object' THEN
        PERFORM config.check_flag_members(p_key, 'it', v_value, '{variant}', '{}');
        v_wanted := CASE WHEN jsonb_typeof(v_value -> 'variant') = 'string' THEN v_value ->> 'variant' ELSE '' END;
    ELSIF v_value = 'true' THEN
        v_wanted := 'on';
    ELSE
        PERFORM config.flag_wrong(p_key, 'it', 'is neither true, false nor {"variant": …}', 'An organisation chooses; the definition is the platform''s: admin.define_flag.');
    END IF;
    IF NOT v_variants ? v_wanted THEN
        PERFORM config.flag_wrong(p_key, 'variant', format('is none of %s', (SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(v_variants) AS k)),
            'Set {"variant": …} with one of them.');
    END IF;
END
$$;

COMMENT ON FUNCTION config.check_flag_value(bigint, text, text) IS
    'Refuses what is no flag, whatever other flags there are: of the platform (organisation 0) a definition, of an organisation its choice, true, false or {"variant": …}. AR422: says where and why.';
REVOKE EXECUTE ON FUNCTION config.check_flag_value(bigint, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.check_flag_value(bigint, text, text) TO ark_system, ark_app, ark_app_strict, ark_dba;
