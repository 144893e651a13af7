SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.record_steps(
    p_org_id bigint, p_job_id bigint, p_fence bigint, p_steps jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM provisioning.held_job(p_org_id, p_job_id, p_fence);
    INSERT INTO provisioning.steps AS s
        (org_id, job_id, fence, step, outcome, http_status, milliseconds, detail)
    SELECT p_org_id, p_job_id, p_fence, r.step, r.outcome, r.http_status, r.milliseconds,
           left(r.detail, 2000)
    FROM jsonb_to_recordset(coalesce(p_steps, '[]')) AS r
        (step text, outcome text, http_status integer, milliseconds numeric, detail text)
    ON CONFLICT (org_id, job_id, fence, step) DO UPDATE
    SET outcome = excluded.outcome, http_status = excluded.http_status,
        milliseconds = excluded.milliseconds, detail = excluded.detail,
        recorded_at = clock_timestamp();
END
$$;

COMMENT ON FUNCTION provisioning.record_steps(bigint, bigint, bigint, jsonb) IS
    'Records what an attempt has done: [{"step", "outcome", "http_status", "milliseconds", "detail"}]. AR410 if another worker has the job.';
REVOKE EXECUTE ON FUNCTION provisioning.record_steps(bigint, bigint, bigint, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.record_steps(bigint, bigint, bigint, jsonb) TO ark_provisioner;
