SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.set_drift_policy(
    p_on_drift text, p_compare_every interval, p_reason text, p_plan text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_count bigint;
BEGIN
    IF p_on_drift IS NULL OR p_on_drift NOT IN ('report', 'repair') THEN
        RAISE EXCEPTION 'on drift is report or repair, not %', quote_nullable(p_on_drift) USING ERRCODE = '22023';
    END IF;
    IF p_compare_every IS NULL OR p_compare_every < interval '1 minute' THEN
        RAISE EXCEPTION 'tenants are compared every minute at most' USING ERRCODE = '22023';
    END IF;
    PERFORM core.record_event(
        0, 'drift policy',
        jsonb_build_object('plan', p_plan, 'on_drift', p_on_drift, 'compare_every', p_compare_every), p_reason);
    UPDATE provisioning.plans AS p SET on_drift = p_on_drift, compare_every = p_compare_every
    WHERE p_plan IS NULL OR p.plan = p_plan;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count = 0 THEN
        RAISE EXCEPTION 'there is no plan %', quote_literal(p_plan)
            USING ERRCODE = 'P0002', HINT = 'The plans are: ' || (SELECT string_agg(p.plan, ', ' ORDER BY p.plan) FROM provisioning.plans AS p);
    END IF;
    RETURN v_count;
END
$$;

COMMENT ON FUNCTION admin.set_drift_policy(text, interval, text, text) IS
    'Sets how often the tenants of a plan, or of all plans, are compared with the blueprint, and whether what differs is reported or repaired; returns for how many plans. P0002: no such plan. 22023: neither report nor repair, oftener than every minute, no reason. AR422: the reason holds what looks like a secret. Example: SELECT admin.set_drift_policy(''repair'', ''15 minutes'', ''tenants may not loosen it'');';
REVOKE EXECUTE ON FUNCTION admin.set_drift_policy(text, interval, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.set_drift_policy(text, interval, text, text) TO ark_dba;
