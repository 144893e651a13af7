SET LOCAL ROLE ark_owner;

-- A function of its arguments: HotConfig does the same in a pod, and docs/flag-vectors.json holds both to it.
-- No pinned search_path, nor in what it calls: each would cost as much as a condition. api.flag has one.
CREATE OR REPLACE FUNCTION config.evaluate_flag(
    p_flags jsonb, p_own jsonb, p_key text, p_attributes jsonb, p_now text, p_depth integer DEFAULT 0,
    OUT value jsonb, OUT variant text, OUT reason text, OUT rule text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    v_flag     jsonb := p_flags -> p_key;
    v_own      jsonb := p_own -> p_key;
    v_variants jsonb;
    v_off      text;
    v_each     jsonb;
    v_when     jsonb;
    v_holds    boolean;
    v_met      record;
BEGIN
    IF jsonb_typeof(v_flag) = 'boolean' THEN
        v_flag := jsonb_build_object('enabled', v_flag);
    END IF;
    IF v_flag IS NULL OR jsonb_typeof(v_flag) <> 'object' THEN
        reason := 'unknown';
        RETURN;
    END IF;
    v_variants := coalesce(v_flag -> 'variants', '{"on": true, "off": false}');
    v_off := coalesce(v_flag ->> 'off', 'off');
    variant := v_off;
    value := v_variants -> v_off;

    IF v_flag -> 'killed' = 'true' THEN
        reason := 'killed';
        RETURN;
    END IF;
    IF v_own IS NOT NULL THEN
        variant := CASE v_own WHEN 'true' THEN 'on' WHEN 'false' THEN v_off ELSE v_own ->> 'variant' END;
        -- A variant that the flag has no more is no wish.
        IF v_variants ? variant THEN
            value := v_variants -> variant;
            reason := 'organisation';
            RETURN;
        END IF;
        variant := v_off;
    END IF;
    IF v_flag -> 'enabled' = 'false' THEN
        reason := 'disabled';
        RETURN;
    END IF;
    IF p_now COLLATE "C" < (v_flag ->> 'from') OR p_now COLLATE "C" >= (v_flag ->> 'until') THEN
        reason := 'schedule';
        RETURN;
    END IF;

    IF v_flag ? 'prerequisites' THEN
        FOR v_m IN 0 .. jsonb_array_length(v_flag -> 'prerequisites') - 1 LOOP
            v_each := v_flag -> 'prerequisites' -> v_m;
            -- Cycles are refused when they are written. Ten is deeper than anybody understands.
            IF p_depth < 10 THEN
                v_met := config.evaluate_flag(p_flags, p_own, v_each ->> 'flag', p_attributes, p_now, p_depth + 1);
            END IF;
            IF p_depth >= 10 OR v_met.variant IS DISTINCT FROM v_each ->> 'variant' THEN
                reason := 'prerequisite';
                rule := v_each ->> 'flag';
                RETURN;
            END IF;
        END LOOP;
    END IF;

    IF v_flag ? 'rules' THEN
        -- In the order of their priorities, in which they were written.
        FOR v_m IN 0 .. jsonb_array_length(v_flag -> 'rules') - 1 LOOP
            v_each := v_flag -> 'rules' -> v_m;
            v_holds := true;
            FOR v_n IN 0 .. jsonb_array_length(v_each -> 'when') - 1 LOOP
                v_when := v_each -> 'when' -> v_n;
                v_holds := config.flag_condition(v_when ->> 'operator', p_attributes -> (v_when ->> 'attribute'), v_when -> 'values');
                EXIT WHEN NOT v_holds;
            END LOOP;
            IF v_holds THEN
                variant := coalesce(v_each ->> 'variant', config.flag_share(p_key, coalesce(v_flag ->> 'salt', ''), v_each -> 'rollout', p_attributes));
                IF variant IS NOT NULL THEN
                    value := v_variants -> variant;
                    reason := CASE WHEN v_each ? 'variant' THEN 'rule' ELSE 'rollout' END;
                    rule := v_each ->> 'name';
                    RETURN;
                END IF;
                variant := v_off;
            END IF;
        END LOOP;
    END IF;

    IF v_flag ? 'rollout' THEN
        variant := config.flag_share(p_key, coalesce(v_flag ->> 'salt', ''), v_flag -> 'rollout', p_attributes);
        reason := CASE WHEN variant IS NULL THEN 'no subject' ELSE 'rollout' END;
        variant := coalesce(variant, v_off);
    ELSE
        variant := coalesce(v_flag ->> 'default', 'on');
        reason := 'default';
    END IF;
    value := v_variants -> variant;
END
$$;

COMMENT ON FUNCTION config.evaluate_flag(jsonb, jsonb, text, jsonb, text, integer) IS
    'Evaluates a flag. p_flags: the platform''s definitions by key, prerequisites included; p_own: what the organisation has set; p_attributes: with subject and org_id; p_now: as 2026-12-01T08:00:00Z. Returns value, variant, reason (unknown, killed, organisation, disabled, schedule, prerequisite, rule, rollout, no subject, default) and the rule''s name or the prerequisite''s key. docs/flags.md says how.';
REVOKE EXECUTE ON FUNCTION config.evaluate_flag(jsonb, jsonb, text, jsonb, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.evaluate_flag(jsonb, jsonb, text, jsonb, text, integer) TO ark_system, ark_app, ark_app_strict, ark_app_ro, ark_dba;
