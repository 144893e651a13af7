SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.jump_fence(p_org_id bigint, p_job_id bigint, p_fence bigint, p_seen bigint)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Whoever was overtaken in earnest ends here: the lane has given the later fence out itself.
    PERFORM provisioning.held_job(p_org_id, p_job_id, p_fence);
    -- Workers may live that hold numbers which the database has forgotten and no namespace bears yet: the
    -- next claim is to be none of those. A number that nobody can have counted to is not believed.
    IF p_seen < 1000000000000000 THEN
        UPDATE provisioning.lanes AS l SET fence = greatest(l.fence, p_seen + 1000) WHERE l.org_id = p_org_id;
    END IF;
    RETURN (SELECT l.fence FROM provisioning.lanes AS l WHERE l.org_id = p_org_id);
END
$$;

COMMENT ON FUNCTION provisioning.jump_fence(bigint, bigint, bigint, bigint) IS
    'Takes that the namespace bears the fence p_seen, though this attempt is the newest: the next claim jumps over it, unless it is 10^15 or more. Returns the fence of the organisation then. AR410 if another worker has the job. Example: SELECT provisioning.jump_fence(123, 17, 1, 40);';
REVOKE EXECUTE ON FUNCTION provisioning.jump_fence(bigint, bigint, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.jump_fence(bigint, bigint, bigint, bigint) TO ark_provisioner;
