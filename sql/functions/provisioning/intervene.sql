SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.intervene(p_job_id bigint, p_how text, p_reason text)
RETURNS provisioning.jobs
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint;
    v_job provisioning.jobs;
BEGIN
    SELECT j.org_id INTO v_org FROM provisioning.jobs AS j WHERE j.job_id = p_job_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no job %', p_job_id
            USING ERRCODE = 'P0002', HINT = 'SELECT * FROM admin.jobs() lists them.';
    END IF;
    -- The lane first, as claim does: nobody takes the job while we look at it.
    PERFORM FROM provisioning.lanes AS l WHERE l.org_id = v_org FOR UPDATE;
    SELECT * INTO STRICT v_job FROM provisioning.jobs AS j
    WHERE j.org_id = v_org AND j.job_id = p_job_id
    FOR UPDATE;
    IF v_job.state NOT IN ('queued', 'failed') AND (v_job.state, p_how) <> ('running', 'cancel') THEN
        RAISE EXCEPTION 'job % is %', p_job_id, v_job.state
            USING ERRCODE = '55000',
                  HINT = CASE v_job.state WHEN 'running' THEN 'Wait until its attempt or its lease ends.'
                                          ELSE 'There is nothing to be done.' END;
    END IF;
    PERFORM core.record_event(
        v_org, 'job', jsonb_build_object('job_id', p_job_id, 'kind', v_job.kind, 'how', p_how,
                                         'state', v_job.state, 'error', v_job.error), p_reason);
    RETURN v_job;
END
$$;

COMMENT ON FUNCTION provisioning.intervene(bigint, text, text) IS
    'Locks a job that waits or was given up, and records that an administrator steps in. P0002: no such job. 55000: it is done, or running and not to be cancelled. 22023: no reason.';
REVOKE EXECUTE ON FUNCTION provisioning.intervene(bigint, text, text) FROM PUBLIC;
