SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.next_job(p_org_id bigint, p_now timestamptz) RETURNS provisioning.jobs
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_job provisioning.jobs;
BEGIN
    -- The first of each priority by the index, then the first of those: however many there are.
    SELECT h.* INTO v_job
    FROM generate_series(0, 3) AS p (priority)
    CROSS JOIN LATERAL (
        SELECT j.* FROM provisioning.jobs AS j
        WHERE j.org_id = p_org_id AND j.state = 'queued' AND j.priority = p.priority
          AND EXISTS (SELECT FROM provisioning.kinds AS k WHERE k.kind = j.kind AND k.served)
          AND (j.rollout_id IS NULL
               OR EXISTS (SELECT FROM provisioning.rollouts AS r WHERE r.rollout_id = j.rollout_id AND r.state = 'running'))
        ORDER BY j.run_at, j.job_id
        LIMIT 1
    ) AS h
    -- Nothing is done to a namespace that is being made, even if that pauses. What is not due has no
    -- priority yet.
    ORDER BY p.priority = 0 DESC, h.run_at > p_now,
             CASE WHEN h.run_at > p_now THEN h.run_at ELSE provisioning.place(h.run_at, h.priority) END
    LIMIT 1;
    RETURN v_job;
END
$$;

COMMENT ON FUNCTION provisioning.next_job(bigint, timestamptz) IS
    'The job of an organisation that is next, due or not; NULL if none waits.';
REVOKE EXECUTE ON FUNCTION provisioning.next_job(bigint, timestamptz) FROM PUBLIC;
