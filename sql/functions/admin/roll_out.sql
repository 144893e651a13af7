SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.roll_out(
    p_reason text, p_plan text DEFAULT NULL, p_batch integer DEFAULT 10, p_max_failures integer DEFAULT 1)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_rollout bigint;
    v_org     bigint;
BEGIN
    IF p_plan IS NOT NULL AND NOT EXISTS (SELECT FROM provisioning.plans AS p WHERE p.plan = p_plan) THEN
        RAISE EXCEPTION 'there is no plan %', quote_literal(p_plan)
            USING ERRCODE = 'P0002', HINT = 'The plans are: ' || (SELECT string_agg(p.plan, ', ' ORDER BY p.plan) FROM provisioning.plans AS p);
    END IF;
    IF p_batch IS NULL OR p_batch NOT BETWEEN 1 AND 1000 OR coalesce(p_max_failures, 0) < 1 THEN
        RAISE EXCEPTION 'a batch is 1 to 1000 tenants, and max_failures at least 1' USING ERRCODE = '22023';
    END IF;
    PERFORM core.record_event(0, 'rollout', jsonb_build_object('how', 'begin', 'plan', p_plan), p_reason);
    BEGIN
        INSERT INTO provisioning.rollouts (plan, batch, max_failures, actor, reason)
        VALUES (p_plan, p_batch, p_max_failures, core.actor(), p_reason)
        RETURNING rollout_id INTO v_rollout;
    EXCEPTION WHEN unique_violation THEN
        RAISE EXCEPTION 'another roll-out is under way'
            USING ERRCODE = '55000', HINT = 'SELECT * FROM admin.rollouts() shows it; admin.cancel_rollout ends it.';
    END;
    -- Whoever is being made may have been given the old one, and is passed over: it has its turn when it is
    -- made, and no batch waits for that.
    FOR v_org IN
        SELECT o.id FROM core.organizations AS o
        WHERE o.status = 'PENDING' AND (p_plan IS NULL OR o.plan = p_plan)
        ORDER BY o.id
    LOOP
        PERFORM provisioning.enqueue(v_org, 'reconcile');
    END LOOP;
    PERFORM provisioning.advance_rollout(v_rollout);
    RETURN v_rollout;
END
$$;

COMMENT ON FUNCTION admin.roll_out(text, text, integer, integer) IS
    'Brings the blueprint as it is now to every tenant, of one plan or of all, p_batch of them at a time, and those that are being made when they are made; stops when p_max_failures of them have failed. Returns its number. P0002: no such plan. 22023: no reason, or a batch or a number of failures out of range. 55000: another one is under way. AR422: the reason holds what looks like a secret. Example: SELECT admin.roll_out(''narrower network policy'', p_batch => 50, p_max_failures => 3);';
REVOKE EXECUTE ON FUNCTION admin.roll_out(text, text, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.roll_out(text, text, integer, integer) TO ark_dba;
