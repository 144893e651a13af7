SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.enqueue(
    p_org_id bigint, p_kind text, p_run_at timestamptz DEFAULT NULL, p_rollout_id bigint DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_run_at timestamptz := coalesce(p_run_at, clock_timestamp());
    v_kind   provisioning.kinds;
    v_job    bigint;
BEGIN
    SELECT * INTO STRICT v_kind FROM provisioning.kinds AS k WHERE k.kind = p_kind;
    -- The lane first, as claim does: nobody takes a job meanwhile that is to serve for this one, too.
    PERFORM FROM provisioning.lanes AS l WHERE l.org_id = p_org_id FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO provisioning.lanes AS l (org_id, served_at) VALUES (p_org_id, '-infinity')
        ON CONFLICT (org_id) DO UPDATE SET org_id = excluded.org_id;
    END IF;
    IF v_kind.is_repeatable THEN
        SELECT j.job_id INTO v_job FROM provisioning.jobs AS j
        WHERE j.org_id = p_org_id AND j.kind = p_kind AND j.state = 'queued' AND NOT j.cancelled AND j.run_at <= v_run_at
        LIMIT 1;
    END IF;
    IF v_job IS NULL THEN
        INSERT INTO provisioning.jobs (org_id, kind, priority, run_at, rollout_id)
        VALUES (p_org_id, p_kind, v_kind.priority, v_run_at, p_rollout_id)
        RETURNING job_id INTO v_job;
    END IF;
    -- While a job runs, its lane waits for its end.
    IF NOT EXISTS (SELECT FROM provisioning.jobs AS j WHERE j.org_id = p_org_id AND j.state = 'running') THEN
        PERFORM provisioning.turn_lane(p_org_id);
    END IF;
    NOTIFY provisioning;
    RETURN v_job;
END
$$;

COMMENT ON FUNCTION provisioning.enqueue(bigint, text, timestamptz, bigint) IS
    'Queues a job in the lane of its organisation and wakes the provisioner. Returns the job''s id; of one that waits already, if it will do the same (provisioning.kinds.is_repeatable).';
REVOKE EXECUTE ON FUNCTION provisioning.enqueue(bigint, text, timestamptz, bigint) FROM PUBLIC;
