SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.held_job(p_org_id bigint, p_job_id bigint, p_fence bigint)
RETURNS provisioning.jobs
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_job provisioning.jobs;
BEGIN
    -- The lane first, as claim does: one order of locks, no deadlock.
    PERFORM FROM provisioning.lanes AS l WHERE l.org_id = p_org_id FOR UPDATE;
    SELECT * INTO v_job FROM provisioning.jobs AS j
    WHERE j.org_id = p_org_id AND j.job_id = p_job_id
    FOR UPDATE;
    IF v_job.state IS DISTINCT FROM 'running' OR v_job.fence <> p_fence THEN
        RAISE EXCEPTION 'job % is no longer held with fence %', p_job_id, p_fence
            USING ERRCODE = 'AR410',
                  DETAIL = format('It is %s with fence %s.', coalesce(v_job.state, 'gone'), v_job.fence),
                  HINT = 'Another worker has it. Do nothing more.';
    END IF;
    RETURN v_job;
END
$$;

COMMENT ON FUNCTION provisioning.held_job(bigint, bigint, bigint) IS
    'The job, locked, if it is running with this fence; else AR410.';
REVOKE EXECUTE ON FUNCTION provisioning.held_job(bigint, bigint, bigint) FROM PUBLIC;
