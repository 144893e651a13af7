SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.cancel_job(p_job_id bigint, p_reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_job    provisioning.jobs;
    v_status text;
BEGIN
    v_job := provisioning.intervene(p_job_id, 'cancel', p_reason);
    IF v_job.state = 'failed' THEN
        RAISE EXCEPTION 'job % was given up already', p_job_id USING ERRCODE = '55000';
    END IF;
    SELECT o.status INTO v_status FROM core.organizations AS o WHERE o.id = v_job.org_id;
    -- What the organisation is to be is its status. Without this job nobody would bring it about.
    IF v_job.kind IN ('suspend', 'resume')
        AND v_status = ANY (ARRAY(SELECT unnest(k.statuses) FROM provisioning.kinds AS k WHERE k.kind = v_job.kind)) THEN
        RAISE EXCEPTION 'the organisation of job % is %, which this job brings about', p_job_id, v_status
            USING ERRCODE = '55000',
                  HINT = format('Take the status back: %s; then this job does nothing.',
                      CASE v_job.kind WHEN 'suspend' THEN 'admin.resume_organization' ELSE 'admin.suspend_organization' END);
    END IF;
    IF v_job.state = 'running' AND v_job.undo THEN
        RAISE EXCEPTION 'job % is being taken back already', p_job_id USING ERRCODE = '55000';
    ELSIF v_job.state = 'running' AND v_job.kind <> 'delete' THEN
        -- Its worker hears of it at the next heartbeat, and goes no step further.
        UPDATE provisioning.jobs AS j SET cancelled = true, error = p_reason
        WHERE j.org_id = v_job.org_id AND j.job_id = p_job_id;
        RETURN 'asked';
    END IF;
    IF EXISTS (SELECT FROM provisioning.kinds AS k WHERE k.kind = v_job.kind AND k.undone_by IS NOT NULL) THEN
        -- What was made is taken back: one-way, like every undo.
        UPDATE provisioning.jobs AS j
        SET undo = true, attempts = 0, run_at = clock_timestamp(), error_code = 'cancelled', error = p_reason
        WHERE j.org_id = v_job.org_id AND j.job_id = p_job_id;
        PERFORM provisioning.turn_lane(v_job.org_id);
        NOTIFY provisioning;
        RETURN 'undo';
    END IF;
    IF v_job.kind = 'delete' THEN
        IF v_job.fence > 0 THEN
            RAISE EXCEPTION 'the deletion of job % has begun', p_job_id
                USING ERRCODE = '55000', HINT = 'What is gone does not come back: let it end.';
        END IF;
        -- Not COMMITTED: its sessions have ended and its configuration is tombstones. An administrator
        -- looks at it, and resumes it. One whose creation is being taken back is FAILED, and its slug free,
        -- when that is done.
        UPDATE core.organizations AS o
        SET status = CASE WHEN o.namespace_uid IS NOT NULL THEN 'SUSPENDED'
                          WHEN EXISTS (SELECT FROM provisioning.jobs AS j
                                       WHERE j.org_id = o.id AND j.kind = 'create' AND j.state IN ('queued', 'running')) THEN 'PENDING'
                          ELSE 'FAILED' END
        WHERE o.id = v_job.org_id AND o.status = 'DELETING'
        RETURNING o.status INTO v_status;
        PERFORM core.record_event(
            v_job.org_id, 'status', jsonb_build_object('old', 'DELETING', 'new', v_status), p_reason);
        -- Nobody else can set the mirror of its quota.
        PERFORM finops.mirror_quota(q) FROM finops.effective_quota(v_job.org_id, clock_timestamp()) AS q;
        IF v_status = 'SUSPENDED' THEN
            PERFORM provisioning.enqueue(v_job.org_id, 'suspend');
        END IF;
    END IF;
    PERFORM provisioning.give_up(v_job.org_id, p_job_id, 'cancelled', p_reason);
    RETURN 'failed';
END
$$;

COMMENT ON FUNCTION admin.cancel_job(bigint, text) IS
    'Gives up a job; a creation is taken back. One that runs is asked to end before its next step, unless it is done before: the worker hears of it within a third of its lease. A deletion that nobody has begun leaves the organisation SUSPENDED (or PENDING, if it was being made, or that is being taken back): admin.resume_organization opens it, api.rollback_config brings its configuration back. A change of a quota or of members stays asked for: a comparison is queued, which tells where the namespace differs (admin.tenant_drift), and admin.repair, or the next such change, brings it about. Returns undo, failed or asked. P0002: no such job. 55000: it is done or given up, is being taken back, is a deletion that has begun, or brings about the status that the organisation has (take that back by admin.resume_organization or admin.suspend_organization). 22023: no reason. AR422: the reason holds what looks like a secret. Example: SELECT admin.cancel_job(17, ''ordered by mistake'');';
REVOKE EXECUTE ON FUNCTION admin.cancel_job(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.cancel_job(bigint, text) TO ark_dba;
