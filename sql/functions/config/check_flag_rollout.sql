SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.check_flag_rollout(p_key text, p_path text, p_rollout jsonb, p_variants jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_share jsonb;
    v_n     integer := 0;
    v_sum   bigint := 0;
BEGIN
    PERFORM config.check_flag_members(p_key, p_path, p_rollout, '{shares}', '{by}');
    IF p_rollout ? 'by' AND coalesce(jsonb_typeof(p_rollout -> 'by') <> 'string' OR p_rollout ->> 'by' !~ '^[A-Za-z_][A-Za-z0-9_.-]{0,62}$', true) THEN
        PERFORM config.flag_wrong(p_key, p_path || '.by', 'is no name of an attribute');
    END IF;
    IF jsonb_typeof(p_rollout -> 'shares') <> 'array' OR jsonb_array_length(p_rollout -> 'shares') NOT BETWEEN 1 AND 20 THEN
        PERFORM config.flag_wrong(p_key, p_path || '.shares', 'is no list of 1 to 20 shares');
    END IF;
    FOR v_share IN SELECT * FROM jsonb_array_elements(p_rollout -> 'shares') LOOP
        PERFORM config.check_flag_members(p_key, format('%s.shares[%s]', p_path, v_n), v_share, '{variant,weight}', '{}');
        IF jsonb_typeof(v_share -> 'variant') <> 'string' OR NOT p_variants ? (v_share ->> 'variant') THEN
            PERFORM config.flag_wrong(p_key, format('%s.shares[%s].variant', p_path, v_n), 'is none of the variants');
        END IF;
        IF jsonb_typeof(v_share -> 'weight') <> 'number' OR v_share ->> 'weight' !~ '^[0-9]{1,6}$' THEN
            PERFORM config.flag_wrong(p_key, format('%s.shares[%s].weight', p_path, v_n), 'is no whole number from 0 to 100000');
        END IF;
        v_sum := v_sum + (v_share ->> 'weight')::bigint;
        v_n := v_n + 1;
    END LOOP;
    IF v_sum <> 100000 THEN
        PERFORM config.flag_wrong(p_key, p_path || '.shares', format('add up to %s, not to 100000', v_sum), 'Weights are thousandths of a percent: 25000 is a quarter.');
    END IF;
END
$$;

COMMENT ON FUNCTION config.check_flag_rollout(text, text, jsonb, jsonb) IS 'Refuses a rollout that is none. AR422: says where and why.';
REVOKE EXECUTE ON FUNCTION config.check_flag_rollout(text, text, jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.check_flag_rollout(text, text, jsonb, jsonb) TO ark_system, ark_app, ark_app_strict, ark_dba;
