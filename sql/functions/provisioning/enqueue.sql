SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.enqueue(
    p_org_id bigint, p_kind text, p_run_at timestamptz DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_run_at timestamptz := coalesce(p_run_at, clock_timestamp());
    v_job    bigint;
BEGIN
    -- The lane first, as claim does: nobody takes a job meanwhile that is to serve for this one, too.
    INSERT INTO provisioning.lanes AS l (org_id, next_at)
    VALUES (p_org_id, v_run_at)
    ON CONFLICT (org_id) DO UPDATE SET next_at = least(l.next_at, excluded.next_at);
    SELECT j.job_id INTO v_job
    FROM provisioning.jobs AS j
    JOIN provisioning.kinds AS k ON k.kind = j.kind AND k.is_repeatable
    WHERE j.org_id = p_org_id AND j.kind = p_kind AND j.state = 'queued' AND j.run_at <= v_run_at
    LIMIT 1;
    IF NOT FOUND THEN
        INSERT INTO provisioning.jobs (org_id, kind, run_at)
        VALUES (p_org_id, p_kind, v_run_at)
        RETURNING job_id INTO v_job;
    END IF;
    NOTIFY provisioning;
    RETURN v_job;
END
$$;

COMMENT ON FUNCTION provisioning.enqueue(bigint, text, timestamptz) IS
    'Queues a job in the lane of its organisation and wakes the provisioner. Returns the job''s id; of one that waits already, if it will do the same (provisioning.kinds.is_repeatable).';
REVOKE EXECUTE ON FUNCTION provisioning.enqueue(bigint, text, timestamptz) FROM PUBLIC;
