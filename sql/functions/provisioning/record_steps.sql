SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.record_steps(
    p_org_id bigint, p_job_id bigint, p_fence bigint, p_steps jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM provisioning.held_job(p_org_id, p_job_id, p_fence);
    PERFORM provisioning.store_steps(p_org_id, p_job_id, p_fence, p_steps);
END
$$;

COMMENT ON FUNCTION provisioning.record_steps(bigint, bigint, bigint, jsonb) IS
    'Records what an attempt has done: [{"step", "outcome", "http_status", "milliseconds", "detail"}]. AR410 if another worker has the job.';
REVOKE EXECUTE ON FUNCTION provisioning.record_steps(bigint, bigint, bigint, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.record_steps(bigint, bigint, bigint, jsonb) TO ark_provisioner;
