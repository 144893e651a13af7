SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.complete(
    p_org_id bigint, p_job_id bigint, p_fence bigint, p_namespace_uid text, p_steps jsonb)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_job    provisioning.jobs;
    v_done   text[];
    v_status text;
BEGIN
    v_job := provisioning.held_job(p_org_id, p_job_id, p_fence);
    PERFORM provisioning.store_steps(p_org_id, p_job_id, p_fence, p_steps);

    v_done := ARRAY(
        SELECT s.step FROM provisioning.steps AS s
        WHERE s.org_id = p_org_id AND s.job_id = p_job_id AND s.fence = p_fence AND s.outcome <> 'failed');
    IF NOT v_job.steps <@ v_done
        OR (p_namespace_uid IS NULL AND NOT v_job.undo AND v_job.kind NOT IN ('delete', 'compare', 'sweep')) THEN
        RAISE EXCEPTION 'job % is not complete', p_job_id
            USING ERRCODE = '55000',
                  DETAIL = 'Not reported: ' || coalesce(
                      (SELECT string_agg(w.step, ', ') FROM unnest(v_job.steps) AS w (step) WHERE w.step <> ALL (v_done)),
                      'the uid of the namespace');
    END IF;
    IF v_job.undo THEN
        PERFORM provisioning.finish(p_org_id, p_job_id, 'failed');
        -- One that is being deleted meanwhile stays so: its slug is free when its own job says so.
        UPDATE core.organizations AS o SET status = 'FAILED', failure = v_job.error
        WHERE o.id = p_org_id AND o.status = 'PENDING';
        RETURN (SELECT o.status FROM core.organizations AS o WHERE o.id = p_org_id);
    END IF;
    IF v_job.kind NOT IN ('create', 'delete', 'compare', 'sweep') AND p_namespace_uid IS DISTINCT FROM (
        SELECT o.namespace_uid FROM core.organizations AS o WHERE o.id = p_org_id) THEN
        RAISE EXCEPTION 'job % was carried out in another namespace', p_job_id USING ERRCODE = '55000';
    END IF;
    PERFORM provisioning.finish(p_org_id, p_job_id, 'done');
    IF v_job.kind = 'compare' THEN
        PERFORM provisioning.record_drift(p_org_id, p_job_id, p_fence);
    ELSIF v_job.kind IN ('reconcile', 'rollout') THEN
        -- What was put right is no longer to be seen; whether it stays so, the next comparison tells.
        DELETE FROM provisioning.drift AS d WHERE d.org_id = p_org_id;
    END IF;
    IF v_job.kind NOT IN ('create', 'delete') THEN
        RETURN (SELECT o.status FROM core.organizations AS o WHERE o.id = p_org_id);
    END IF;
    IF v_job.kind = 'delete' THEN
        -- The namespace is gone, and the slug is free.
        UPDATE core.organizations AS o SET status = 'DELETED' WHERE o.id = p_org_id AND o.status = 'DELETING'
        RETURNING o.status INTO v_status;
        RETURN v_status;
    END IF;
    -- One that is being deleted meanwhile stays so: its own job follows.
    UPDATE core.organizations AS o
    SET namespace_uid = p_namespace_uid, failure = NULL,
        status = CASE o.status WHEN 'PENDING' THEN 'COMMITTED' ELSE o.status END,
        committed_at = CASE o.status WHEN 'PENDING' THEN clock_timestamp() ELSE o.committed_at END
    WHERE o.id = p_org_id
    RETURNING o.status INTO v_status;
    RETURN v_status;
END
$$;

COMMENT ON FUNCTION provisioning.complete(bigint, bigint, bigint, text, jsonb) IS
    'Ends a job whose every step is reported: the organisation is COMMITTED, or FAILED after an undo, DELETED after a deletion, or what it was made meanwhile (DELETING); returns which. AR410 if another worker has the job, 55000 if a step is missing, or the namespace is another one. Example: SELECT provisioning.complete(123, 17, 1, ''uid'', ''[]'');';
REVOKE EXECUTE ON FUNCTION provisioning.complete(bigint, bigint, bigint, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.complete(bigint, bigint, bigint, text, jsonb) TO ark_provisioner;
