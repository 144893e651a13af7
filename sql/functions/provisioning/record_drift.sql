SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.record_drift(p_org_id bigint, p_job_id bigint, p_fence bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM provisioning.drift AS d
    WHERE d.org_id = p_org_id AND NOT EXISTS (
        SELECT FROM provisioning.steps AS s
        WHERE s.org_id = p_org_id AND s.job_id = p_job_id AND s.fence = p_fence
          AND s.step = d.step AND s.outcome IN ('differs', 'missing'));
    INSERT INTO provisioning.drift AS d (org_id, step, what, detail)
    SELECT s.org_id, s.step, s.outcome, s.detail FROM provisioning.steps AS s
    WHERE s.org_id = p_org_id AND s.job_id = p_job_id AND s.fence = p_fence
      AND s.outcome IN ('differs', 'missing')
    ON CONFLICT (org_id, step) DO UPDATE
    SET what = excluded.what, detail = excluded.detail, seen_at = clock_timestamp();
    UPDATE provisioning.lanes AS l SET compared_at = clock_timestamp() WHERE l.org_id = p_org_id;
    -- A namespace that is gone, or another one, is nothing that could be put right.
    IF NOT EXISTS (SELECT FROM provisioning.drift AS d WHERE d.org_id = p_org_id)
        OR EXISTS (
            SELECT FROM provisioning.drift AS d
            WHERE d.org_id = p_org_id AND d.step = 'namespace'
              AND (d.what = 'missing' OR d.detail ~ '(^|; )metadata\.uid: '))
        OR NOT EXISTS (
            SELECT FROM core.organizations AS o JOIN provisioning.plans AS p USING (plan)
            WHERE o.id = p_org_id AND p.on_drift = 'repair') THEN
        RETURN;
    END IF;
    -- A repair that was given up is tried again, once after each comparison. Another one beside it would
    -- leave one more to be redriven each time, for as long as the tenant cannot be put right.
    UPDATE provisioning.jobs AS j
    SET state = 'queued', finished_at = NULL, run_at = clock_timestamp(), attempts = 0, refusals = 0
    WHERE j.org_id = p_org_id AND j.job_id = (
        SELECT max(f.job_id) FROM provisioning.jobs AS f
        WHERE f.org_id = p_org_id AND f.kind = 'reconcile' AND f.state = 'failed'
          AND f.error_code IS DISTINCT FROM 'cancelled'
          AND NOT EXISTS (
              SELECT FROM provisioning.jobs AS q
              WHERE q.org_id = p_org_id AND q.kind = 'reconcile' AND q.state = 'queued'));
    IF FOUND THEN
        PERFORM provisioning.turn_lane(p_org_id);
        NOTIFY provisioning;
    ELSE
        PERFORM provisioning.enqueue(p_org_id, 'reconcile');
    END IF;
END
$$;

COMMENT ON FUNCTION provisioning.record_drift(bigint, bigint, bigint) IS
    'Records what a comparison has found, and queues the repair if the plan wants it, unless the namespace is gone or another one; a repair that was given up is tried again instead of another one.';
REVOKE EXECUTE ON FUNCTION provisioning.record_drift(bigint, bigint, bigint) FROM PUBLIC;
