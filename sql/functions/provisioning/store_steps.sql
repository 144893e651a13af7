SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.store_steps(
    p_org_id bigint, p_job_id bigint, p_fence bigint, p_steps jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
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

COMMENT ON FUNCTION provisioning.store_steps(bigint, bigint, bigint, jsonb) IS
    'Writes down what an attempt has done, as provisioning.record_steps is told it. The caller holds the job.';
REVOKE EXECUTE ON FUNCTION provisioning.store_steps(bigint, bigint, bigint, jsonb) FROM PUBLIC;
