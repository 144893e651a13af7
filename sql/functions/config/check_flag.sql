SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.check_flag(p_key text, p_flag jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_variants jsonb := coalesce(p_flag -> 'variants', '{"on": true, "off": false}');
    v_name     text;
    v_each     jsonb;
    v_part     jsonb;
    v_n        integer := 0;
    v_m        integer;
    v_last     integer;
BEGIN
    PERFORM config.check_flag_members(p_key, 'it', p_flag, '{}',
        '{enabled,killed,salt,from,until,prerequisites,variants,off,rules,default,rollout}');
    FOREACH v_name IN ARRAY ARRAY['enabled', 'killed'] LOOP
        IF p_flag ? v_name AND jsonb_typeof(p_flag -> v_name) <> 'boolean' THEN
            PERFORM config.flag_wrong(p_key, v_name, 'is neither true nor false');
        END IF;
    END LOOP;
    IF p_flag ? 'salt' AND coalesce(jsonb_typeof(p_flag -> 'salt') <> 'string' OR p_flag ->> 'salt' !~ '^[A-Za-z0-9_-]{0,63}$', true) THEN
        PERFORM config.flag_wrong(p_key, 'salt', 'is no text of at most 63 letters, digits, hyphens and underscores');
    END IF;
    FOREACH v_name IN ARRAY ARRAY['from', 'until'] LOOP
        IF p_flag ? v_name AND NOT config.is_flag_time(p_flag ->> v_name) THEN
            PERFORM config.flag_wrong(p_key, v_name, 'is no time like 2026-12-01T08:00:00Z');
        END IF;
    END LOOP;
    IF p_flag ->> 'until' COLLATE "C" <= p_flag ->> 'from' THEN
        PERFORM config.flag_wrong(p_key, 'until', 'is not after from');
    END IF;

    IF jsonb_typeof(v_variants) <> 'object' OR (SELECT count(*) FROM jsonb_object_keys(v_variants)) NOT BETWEEN 1 AND 20 THEN
        PERFORM config.flag_wrong(p_key, 'variants', 'is no object of 1 to 20 variants');
    END IF;
    SELECT min(k) INTO v_name FROM jsonb_object_keys(v_variants) AS k WHERE k !~ '^[a-z0-9][a-z0-9_.-]{0,62}$';
    IF v_name IS NOT NULL THEN
        PERFORM config.flag_wrong(p_key, 'variants', format('has %s, which is no name of a variant', quote_literal(left(v_name, 70))), 'Lower-case letters, digits, dots, hyphens and underscores, at most 63.');
    END IF;
    FOREACH v_name IN ARRAY ARRAY['off', 'default'] LOOP
        -- Not said, they are the variants off and on.
        CONTINUE WHEN v_name = 'default' AND p_flag ? 'rollout' AND NOT p_flag ? 'default';
        IF jsonb_typeof(coalesce(p_flag -> v_name, '""')) <> 'string'
            OR NOT v_variants ? coalesce(p_flag ->> v_name, CASE v_name WHEN 'off' THEN 'off' ELSE 'on' END) THEN
            PERFORM config.flag_wrong(p_key, v_name, 'is none of the variants');
        END IF;
    END LOOP;
    IF p_flag ? 'default' AND p_flag ? 'rollout' THEN
        PERFORM config.flag_wrong(p_key, 'it', 'has both default and rollout');
    END IF;
    IF p_flag ? 'rollout' THEN
        PERFORM config.check_flag_rollout(p_key, 'rollout', p_flag -> 'rollout', v_variants);
    END IF;

    IF jsonb_typeof(coalesce(p_flag -> 'prerequisites', '[]')) <> 'array' OR jsonb_array_length(coalesce(p_flag -> 'prerequisites', '[]')) > 10 THEN
        PERFORM config.flag_wrong(p_key, 'prerequisites', 'is no list of at most 10 flags');
    END IF;
    FOR v_each IN SELECT * FROM jsonb_array_elements(coalesce(p_flag -> 'prerequisites', '[]')) LOOP
        PERFORM config.check_flag_members(p_key, format('prerequisites[%s]', v_n), v_each, '{flag,variant}', '{}');
        IF jsonb_typeof(v_each -> 'flag') <> 'string' OR jsonb_typeof(v_each -> 'variant') <> 'string' THEN
            PERFORM config.flag_wrong(p_key, format('prerequisites[%s]', v_n), 'has a flag or variant that is no text');
        END IF;
        v_n := v_n + 1;
    END LOOP;

    IF jsonb_typeof(coalesce(p_flag -> 'rules', '[]')) <> 'array' OR jsonb_array_length(coalesce(p_flag -> 'rules', '[]')) > 100 THEN
        PERFORM config.flag_wrong(p_key, 'rules', 'is no list of at most 100 rules');
    END IF;
    v_n := 0;
    FOR v_each IN SELECT * FROM jsonb_array_elements(coalesce(p_flag -> 'rules', '[]')) LOOP
        PERFORM config.check_flag_members(p_key, format('rules[%s]', v_n), v_each, '{priority,when}', '{name,variant,rollout}');
        IF jsonb_typeof(v_each -> 'priority') <> 'number' OR v_each ->> 'priority' !~ '^[0-9]{1,6}$' THEN
            PERFORM config.flag_wrong(p_key, format('rules[%s].priority', v_n), 'is no whole number from 0 to 999999');
        END IF;
        -- So that who reads and who evaluates need not sort.
        IF (v_each ->> 'priority')::integer <= v_last THEN
            PERFORM config.flag_wrong(p_key, format('rules[%s].priority', v_n), format('is not above that of the rule before, %s', v_last), 'Rules stand in the order in which they are tried.');
        END IF;
        v_last := (v_each ->> 'priority')::integer;
        IF v_each ? 'name' AND coalesce(jsonb_typeof(v_each -> 'name') <> 'string' OR length(v_each ->> 'name') NOT BETWEEN 1 AND 100, true) THEN
            PERFORM config.flag_wrong(p_key, format('rules[%s].name', v_n), 'is no text of 1 to 100 characters');
        END IF;
        IF (v_each ? 'variant') = (v_each ? 'rollout') THEN
            PERFORM config.flag_wrong(p_key, format('rules[%s]', v_n), 'has not exactly one of variant and rollout');
        END IF;
        IF v_each ? 'variant' AND coalesce(jsonb_typeof(v_each -> 'variant') <> 'string' OR NOT v_variants ? (v_each ->> 'variant'), true) THEN
            PERFORM config.flag_wrong(p_key, format('rules[%s].variant', v_n), 'is none of the variants');
        END IF;
        IF v_each ? 'rollout' THEN
            PERFORM config.check_flag_rollout(p_key, format('rules[%s].rollout', v_n), v_each -> 'rollout', v_variants);
        END IF;
        IF jsonb_typeof(v_each -> 'when') <> 'array' OR jsonb_array_length(v_each -> 'when') > 20 THEN
            PERFORM config.flag_wrong(p_key, format('rules[%s].when', v_n), 'is no list of at most 20 conditions');
        END IF;
        v_m := 0;
        FOR v_part IN SELECT * FROM jsonb_array_elements(v_each -> 'when') LOOP
            PERFORM config.check_flag_condition(p_key, format('rules[%s].when[%s]', v_n, v_m), v_part);
            v_m := v_m + 1;
        END LOOP;
        v_n := v_n + 1;
    END LOOP;
END
$$;

COMMENT ON FUNCTION config.check_flag(text, jsonb) IS
    'Refuses a definition of a flag that is none, whatever other flags there are. AR422: says where and why.';
REVOKE EXECUTE ON FUNCTION config.check_flag(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.check_flag(text, jsonb) TO ark_system, ark_app, ark_app_strict, ark_dba;
