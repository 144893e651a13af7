SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.platform_flags(p_key text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_flags jsonb := '{}';
    v_key   text;
    v_value jsonb;
    v_next  text[] := ARRAY[p_key];
BEGIN
    WHILE cardinality(v_next) > 0 LOOP
        v_key := v_next[1];
        v_next := v_next[2:];
        CONTINUE WHEN v_flags ? v_key;
        SELECT c.value::jsonb INTO v_value FROM config.service_configs AS c
        WHERE c.org_id = 0 AND c.service = 'features' AND c.key = v_key;
        CONTINUE WHEN NOT FOUND;
        IF v_value IS NULL THEN
            -- Of a definition that was removed; of a plain switch nothing is left that says so.
            IF v_key = p_key AND EXISTS (
                SELECT FROM config.key_schema AS k WHERE k.service = 'features' AND k.key = p_key AND k.type = 'json') THEN
                v_flags := v_flags || jsonb_build_object(p_key, NULL);
            END IF;
            CONTINUE;
        END IF;
        v_flags := v_flags || jsonb_build_object(v_key, v_value);
        IF jsonb_typeof(v_value) = 'object' AND v_value ? 'prerequisites' THEN
            v_next := v_next || ARRAY(SELECT p ->> 'flag' FROM jsonb_array_elements(v_value -> 'prerequisites') AS p);
        END IF;
    END LOOP;
    RETURN v_flags;
END
$$;

COMMENT ON FUNCTION config.platform_flags(text) IS 'The platform''s definition of a flag, and of the flags that it needs, by key; null, if it was removed. Empty if there is none.';
REVOKE EXECUTE ON FUNCTION config.platform_flags(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.platform_flags(text) TO ark_owner, ark_app, ark_app_strict, ark_app_ro, ark_dba;
