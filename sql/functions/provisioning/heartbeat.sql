SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.heartbeat(
    p_org_id bigint, p_job_id bigint, p_fence bigint, p_lease interval) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_job provisioning.jobs := provisioning.held_job(p_org_id, p_job_id, p_fence);
BEGIN
    UPDATE provisioning.jobs AS j SET lease_until = clock_timestamp() + p_lease
    WHERE j.org_id = p_org_id AND j.job_id = p_job_id;
    UPDATE provisioning.lanes AS l SET next_at = clock_timestamp() + p_lease
    WHERE l.org_id = p_org_id;
    RETURN NOT v_job.cancelled;
END
$$;

COMMENT ON FUNCTION provisioning.heartbeat(bigint, bigint, bigint, interval) IS
    'Extends the lease. Returns whether the job is to go on: false if an administrator has cancelled it; then the worker ends it before its next step, with the failure cancelled. AR410 if another worker has the job. Example: SELECT provisioning.heartbeat(123, 17, 1, ''15 s'');';
REVOKE EXECUTE ON FUNCTION provisioning.heartbeat(bigint, bigint, bigint, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.heartbeat(bigint, bigint, bigint, interval) TO ark_provisioner;
