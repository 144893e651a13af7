SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.retry_job(p_job_id bigint, p_reason text) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_job provisioning.jobs;
    v_org core.organizations;
    v_statuses text[];
BEGIN
    v_job := provisioning.intervene(p_job_id, 'retry', p_reason);
    -- What the job was for may be over: a deletion that was taken back deletes nothing.
    SELECT * INTO STRICT v_org FROM core.organizations AS o WHERE o.id = v_job.org_id FOR UPDATE;
    SELECT k.statuses || CASE WHEN k.kind = 'create' THEN ARRAY['FAILED'] END INTO STRICT v_statuses
    FROM provisioning.kinds AS k WHERE k.kind = v_job.kind;
    IF v_org.status <> ALL (v_statuses) THEN
        RAISE EXCEPTION 'job % is of the kind %, and its organisation is %', p_job_id, v_job.kind, v_org.status
            USING ERRCODE = '55000', HINT = 'There is nothing left that it could do.';
    END IF;
    IF v_job.state = 'failed' AND v_job.kind = 'create' THEN
        -- Its namespace is gone: it begins anew, if nobody has taken the name meanwhile.
        BEGIN
            UPDATE core.organizations AS o SET status = 'PENDING', failure = NULL
            WHERE o.id = v_job.org_id AND o.status = 'FAILED'
            RETURNING * INTO v_org;
        EXCEPTION WHEN unique_violation THEN
            RAISE EXCEPTION 'another organisation has taken the slug meanwhile' USING ERRCODE = '23505';
        END;
        IF v_org.id IS NULL THEN
            RAISE EXCEPTION 'the organisation of job % is not FAILED', p_job_id USING ERRCODE = '55000';
        END IF;
    END IF;
    UPDATE provisioning.jobs AS j
    SET state = 'queued', finished_at = NULL, run_at = clock_timestamp(), attempts = 0, refusals = 0,
        -- Whoever has it tried again takes back that it was to end.
        cancelled = false,
        undo = j.undo AND j.state <> 'failed'
    WHERE j.org_id = v_job.org_id AND j.job_id = p_job_id
    RETURNING j.run_at INTO v_job.run_at;
    PERFORM provisioning.turn_lane(v_job.org_id);
    NOTIFY provisioning;
    RETURN v_job.run_at;
END
$$;

COMMENT ON FUNCTION admin.retry_job(bigint, text) IS
    'Has a job tried at once that was given up or waits for its next attempt, with all its attempts before it, and returns when. A creation that was undone begins anew. P0002: no such job. 55000: it is running or done, or its organisation is in a state that it does not fit. 23505: the slug was taken meanwhile. 22023: no reason. AR422: the reason holds what looks like a secret. Example: SELECT admin.retry_job(17, ''the network is back'');';
REVOKE EXECUTE ON FUNCTION admin.retry_job(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.retry_job(bigint, text) TO ark_dba;
