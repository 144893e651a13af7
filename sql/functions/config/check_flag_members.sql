SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.check_flag_members(p_key text, p_path text, p_object jsonb, p_required text[], p_optional text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_name text;
BEGIN
    IF jsonb_typeof(p_object) IS DISTINCT FROM 'object' THEN
        PERFORM config.flag_wrong(p_key, p_path, 'is no object');
    END IF;
    FOREACH v_name IN ARRAY p_required LOOP
        IF NOT p_object ? v_name THEN
            PERFORM config.flag_wrong(p_key, p_path, format('has no %s', v_name));
        END IF;
    END LOOP;
    SELECT min(k) INTO v_name FROM jsonb_object_keys(p_object) AS k WHERE k <> ALL (p_required || p_optional);
    IF v_name IS NOT NULL THEN
        PERFORM config.flag_wrong(p_key, p_path, format('has the unknown member %s', v_name), 'Known are: ' || array_to_string(p_required || p_optional, ', ') || '.');
    END IF;
END
$$;

COMMENT ON FUNCTION config.check_flag_members(text, text, jsonb, text[], text[]) IS
    'Refuses a part of a definition that is no object, lacks a member or has one too many. AR422: says which.';
REVOKE EXECUTE ON FUNCTION config.check_flag_members(text, text, jsonb, text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.check_flag_members(text, text, jsonb, text[], text[]) TO ark_system, ark_app, ark_app_strict, ark_dba;
