SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.check_flag_condition(p_key text, p_path text, p_condition jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_operator text := p_condition ->> 'operator';
    v_values   jsonb;
    v_value    jsonb;
BEGIN
    PERFORM config.check_flag_members(p_key, p_path, p_condition, '{attribute,operator}', '{values}');
    IF coalesce(jsonb_typeof(p_condition -> 'attribute') <> 'string' OR p_condition ->> 'attribute' !~ '^[A-Za-z_][A-Za-z0-9_.-]{0,62}$', true) THEN
        PERFORM config.flag_wrong(p_key, p_path || '.attribute', 'is no name of an attribute');
    END IF;
    IF coalesce(v_operator <> ALL ('{in,not_in,starts_with,ends_with,contains,less,at_most,more,at_least,before,after,version_below,version_at_least,exists,not_exists}'), true) THEN
        PERFORM config.flag_wrong(p_key, p_path || '.operator', 'is none of in, not_in, starts_with, ends_with, contains, less, at_most, more, at_least, before, after, version_below, version_at_least, exists, not_exists');
    END IF;
    v_values := p_condition -> 'values';
    IF v_operator IN ('exists', 'not_exists') THEN
        IF v_values IS NOT NULL THEN
            PERFORM config.flag_wrong(p_key, p_path, format('has values, which %s does not take', v_operator));
        END IF;
        RETURN;
    END IF;
    IF jsonb_typeof(v_values) IS DISTINCT FROM 'array' OR jsonb_array_length(v_values) NOT BETWEEN 1 AND 1000 THEN
        PERFORM config.flag_wrong(p_key, p_path || '.values', 'is no list of 1 to 1000 values');
    END IF;
    IF v_operator IN ('less', 'at_most', 'more', 'at_least', 'before', 'after', 'version_below', 'version_at_least') AND jsonb_array_length(v_values) <> 1 THEN
        PERFORM config.flag_wrong(p_key, p_path || '.values', format('has more than one value, and %s compares with one', v_operator));
    END IF;
    FOR v_value IN SELECT * FROM jsonb_array_elements(v_values) LOOP
        IF NOT (CASE
            WHEN v_operator IN ('in', 'not_in') THEN jsonb_typeof(v_value) IN ('string', 'number', 'boolean')
            WHEN v_operator IN ('less', 'at_most', 'more', 'at_least') THEN jsonb_typeof(v_value) = 'number'
            ELSE jsonb_typeof(v_value) = 'string' END) THEN
            PERFORM config.flag_wrong(p_key, p_path || '.values', format('has a value of the type %s, which %s does not take', jsonb_typeof(v_value), v_operator));
        END IF;
        IF jsonb_typeof(v_value) = 'number' AND NOT config.is_double(v_value) THEN
            PERFORM config.flag_wrong(p_key, p_path || '.values', 'has a number that a double does not hold');
        END IF;
        IF v_operator IN ('before', 'after') AND NOT config.is_flag_time(v_value #>> '{}') THEN
            PERFORM config.flag_wrong(p_key, p_path || '.values', 'has no time like 2026-12-01T08:00:00Z');
        END IF;
        IF v_operator LIKE 'version%' AND v_value #>> '{}' !~ '^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$' THEN
            PERFORM config.flag_wrong(p_key, p_path || '.values', 'has no version like 2.10.0');
        END IF;
        IF v_operator IN ('starts_with', 'ends_with', 'contains') AND v_value = '""' THEN
            PERFORM config.flag_wrong(p_key, p_path || '.values', 'has an empty text, which everything contains');
        END IF;
    END LOOP;
END
$$;

COMMENT ON FUNCTION config.check_flag_condition(text, text, jsonb) IS 'Refuses a rule''s condition that is none. AR422: says where and why.';
REVOKE EXECUTE ON FUNCTION config.check_flag_condition(text, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.check_flag_condition(text, text, jsonb) TO ark_system, ark_app, ark_app_strict, ark_dba;
