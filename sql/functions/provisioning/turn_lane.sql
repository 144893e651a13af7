SET LOCAL ROLE ark_system;

-- Not LANGUAGE sql: that would be planned anew for every job.
CREATE OR REPLACE FUNCTION provisioning.turn_lane(p_org_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE provisioning.lanes AS l
    SET next_at = (
        SELECT min(j.run_at) FROM provisioning.jobs AS j
        JOIN provisioning.kinds AS k ON k.kind = j.kind AND k.served
        WHERE j.org_id = p_org_id AND j.state = 'queued')
    WHERE l.org_id = p_org_id;
END
$$;

COMMENT ON FUNCTION provisioning.turn_lane(bigint) IS
    'Turns a lane whose job has ended or gone back to the queue to the next one. The caller holds the lane''s lock.';
REVOKE EXECUTE ON FUNCTION provisioning.turn_lane(bigint) FROM PUBLIC;
