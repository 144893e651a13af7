SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.complete(
    p_org_id bigint, p_job_id bigint, p_fence bigint, p_namespace_uid text, p_steps jsonb)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_job     provisioning.jobs;
    v_missing text[];
    v_status  text;
BEGIN
    PERFORM provisioning.record_steps(p_org_id, p_job_id, p_fence, p_steps);
    v_job := provisioning.held_job(p_org_id, p_job_id, p_fence);

    IF v_job.undo THEN
        PERFORM provisioning.finish(p_org_id, p_job_id, 'failed');
        v_status := 'FAILED';
        UPDATE core.organizations AS o SET status = v_status, failure = v_job.error
        WHERE o.id = p_org_id;
        RETURN v_status;
    END IF;

    v_missing := ARRAY(
        SELECT unnest(v_job.steps)
        EXCEPT
        SELECT s.step FROM provisioning.steps AS s
        WHERE s.org_id = p_org_id AND s.job_id = p_job_id AND s.fence = p_fence
          AND s.outcome <> 'failed');
    IF v_missing <> '{}' OR p_namespace_uid IS NULL THEN
        RAISE EXCEPTION 'job % is not complete', p_job_id
            USING ERRCODE = '55000',
                  DETAIL = 'Not reported: ' || coalesce(nullif(array_to_string(v_missing, ', '), ''), 'the uid of the namespace');
    END IF;
    PERFORM provisioning.finish(p_org_id, p_job_id, 'done');
    v_status := 'COMMITTED';
    UPDATE core.organizations AS o
    SET status = v_status, namespace_uid = p_namespace_uid, committed_at = clock_timestamp(), failure = NULL
    WHERE o.id = p_org_id;
    RETURN v_status;
END
$$;

COMMENT ON FUNCTION provisioning.complete(bigint, bigint, bigint, text, jsonb) IS
    'Ends a job whose every step is reported: the organisation is COMMITTED, or FAILED after an undo; returns which. AR410 if another worker has the job, 55000 if a step is missing. Example: SELECT provisioning.complete(123, 17, 1, ''uid'', ''[]'');';
REVOKE EXECUTE ON FUNCTION provisioning.complete(bigint, bigint, bigint, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.complete(bigint, bigint, bigint, text, jsonb) TO ark_provisioner;
