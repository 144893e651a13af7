SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.finish(p_org_id bigint, p_job_id bigint, p_state text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_rollout bigint;
BEGIN
    UPDATE provisioning.jobs AS j
    SET state = p_state, worker = NULL, lease_until = NULL, finished_at = clock_timestamp()
    WHERE j.org_id = p_org_id AND j.job_id = p_job_id
    RETURNING j.rollout_id INTO v_rollout;
    PERFORM provisioning.turn_lane(p_org_id);
    IF v_rollout IS NOT NULL THEN
        PERFORM provisioning.advance_rollout(v_rollout);
    END IF;
END
$$;

COMMENT ON FUNCTION provisioning.finish(bigint, bigint, text) IS
    'Ends a job, turns its lane to the next one, and its roll-out to the next batch.';
REVOKE EXECUTE ON FUNCTION provisioning.finish(bigint, bigint, text) FROM PUBLIC;
