SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.check_flag_others(p_key text, p_flag jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_variants jsonb := CASE WHEN jsonb_typeof(p_flag) = 'object' THEN p_flag -> 'variants' END;
    v_other    record;
    v_each     jsonb;
    v_circle   text;
    v_n        integer := 0;
BEGIN
    PERFORM config.lock_flags();
    -- Who needs this one, and which variant of it.
    FOR v_other IN
        SELECT c.key, p ->> 'variant' AS variant
        FROM config.service_configs AS c,
             LATERAL jsonb_array_elements(coalesce(c.value::jsonb -> 'prerequisites', '[]')) AS p
        WHERE c.org_id = 0 AND c.service = 'features' AND c.key <> p_key AND p ->> 'flag' = p_key
        ORDER BY c.key
    LOOP
        IF p_flag IS NULL THEN
            PERFORM config.flag_wrong(p_key, 'it', format('is a prerequisite of %s', v_other.key), 'Change that one first.');
        ELSIF NOT coalesce(v_variants, '{"on": true, "off": false}') ? v_other.variant THEN
            PERFORM config.flag_wrong(p_key, 'variants', format('lacks %s, which is a prerequisite of %s', v_other.variant, v_other.key), 'Change that one first.');
        END IF;
    END LOOP;
    IF jsonb_typeof(p_flag) IS DISTINCT FROM 'object' THEN
        RETURN;
    END IF;

    FOR v_each IN SELECT * FROM jsonb_array_elements(coalesce(p_flag -> 'prerequisites', '[]')) LOOP
        SELECT c.value::jsonb AS flag INTO v_other FROM config.service_configs AS c
        WHERE c.org_id = 0 AND c.service = 'features' AND c.key = v_each ->> 'flag' AND c.value IS NOT NULL;
        IF NOT FOUND AND v_each ->> 'flag' <> p_key THEN
            PERFORM config.flag_wrong(p_key, format('prerequisites[%s].flag', v_n), format('is no flag: %s', quote_literal(left(v_each ->> 'flag', 130))));
        END IF;
        IF v_each ->> 'flag' <> p_key AND NOT coalesce(
            CASE WHEN jsonb_typeof(v_other.flag) = 'object' THEN v_other.flag -> 'variants' END, '{"on": true, "off": false}') ? (v_each ->> 'variant') THEN
            PERFORM config.flag_wrong(p_key, format('prerequisites[%s].variant', v_n), format('is no variant of %s: %s', v_each ->> 'flag', quote_literal(left(v_each ->> 'variant', 70))));
        END IF;
        v_n := v_n + 1;
    END LOOP;
    WITH RECURSIVE need (flag, path, is_circle) AS (
        SELECT p ->> 'flag', ARRAY[p_key, p ->> 'flag'], p ->> 'flag' = p_key
        FROM jsonb_array_elements(coalesce(p_flag -> 'prerequisites', '[]')) AS p
        UNION ALL
        SELECT p ->> 'flag', n.path || (p ->> 'flag'), p ->> 'flag' = ANY (n.path)
        FROM need AS n
        JOIN config.service_configs AS c ON c.org_id = 0 AND c.service = 'features' AND c.key = n.flag
        CROSS JOIN LATERAL jsonb_array_elements(coalesce(c.value::jsonb -> 'prerequisites', '[]')) AS p
        WHERE NOT n.is_circle AND cardinality(n.path) < 12
    )
    SELECT array_to_string(n.path, ' needs ') INTO v_circle
    FROM need AS n WHERE n.is_circle OR cardinality(n.path) > 11 ORDER BY cardinality(n.path), n.path LIMIT 1;
    IF v_circle IS NOT NULL THEN
        PERFORM config.flag_wrong(p_key, 'prerequisites', format('go round in a circle, or deeper than ten: %s', v_circle), 'Take one of them out.');
    END IF;
END
$$;

COMMENT ON FUNCTION config.check_flag_others(text, jsonb) IS
    'Refuses a definition (NULL: none) that does not go with those of other flags: prerequisites that are not there, circles, variants that others need. AR422: says where and why. 55000: not READ COMMITTED. Others who change what flags need of each other wait until the end of the transaction.';
REVOKE EXECUTE ON FUNCTION config.check_flag_others(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.check_flag_others(text, jsonb) TO ark_owner;
