SET LOCAL ROLE ark_system;

-- Not LANGUAGE sql: that would be planned anew for every job.
CREATE OR REPLACE FUNCTION provisioning.turn_lane(p_org_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_job provisioning.jobs := provisioning.next_job(p_org_id, clock_timestamp());
BEGIN
    UPDATE provisioning.lanes AS l
    -- Not before those that wait for longer than since it was served: that is fairness.
    SET next_at = CASE WHEN v_job.job_id IS NOT NULL THEN greatest(v_job.run_at, l.served_at) END,
        priority = coalesce(v_job.priority, l.priority)
    WHERE l.org_id = p_org_id;
END
$$;

COMMENT ON FUNCTION provisioning.turn_lane(bigint) IS
    'Turns a lane whose job has ended or gone back to the queue to the next one. The caller holds the lane''s lock.';
REVOKE EXECUTE ON FUNCTION provisioning.turn_lane(bigint) FROM PUBLIC;
