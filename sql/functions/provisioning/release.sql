SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.release(p_org_id bigint, p_job_id bigint, p_fence bigint)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM provisioning.held_job(p_org_id, p_job_id, p_fence);
    UPDATE provisioning.jobs AS j
    SET state = 'queued', attempts = j.attempts - 1, worker = NULL, lease_until = NULL
    WHERE j.org_id = p_org_id AND j.job_id = p_job_id;
    PERFORM provisioning.turn_lane(p_org_id);
    NOTIFY provisioning;
END
$$;

COMMENT ON FUNCTION provisioning.release(bigint, bigint, bigint) IS
    'Hands a job back before anything was done, as at shutdown; it counts as no attempt. AR410 if another worker has the job. Example: SELECT provisioning.release(123, 17, 1);';
REVOKE EXECUTE ON FUNCTION provisioning.release(bigint, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.release(bigint, bigint, bigint) TO ark_provisioner;
