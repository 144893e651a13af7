SET LOCAL ROLE ark_system;

-- Whoever calls this may hold the lane of a job of the roll-out. It takes those of tenants which have
-- had no turn yet: nobody who holds one of them waits for the roll-out.
CREATE OR REPLACE FUNCTION provisioning.advance_rollout(p_rollout_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_rollout provisioning.rollouts;
    v_org     bigint;
BEGIN
    SELECT * INTO STRICT v_rollout FROM provisioning.rollouts AS r WHERE r.rollout_id = p_rollout_id FOR UPDATE;
    IF v_rollout.state <> 'running' THEN
        RETURN;
    END IF;
    IF v_rollout.max_failures <= (
        SELECT count(*) FROM provisioning.jobs AS j
        WHERE j.rollout_id = p_rollout_id AND j.state = 'failed' AND j.error_code <> 'cancelled') THEN
        UPDATE provisioning.rollouts AS r SET state = 'stopped' WHERE r.rollout_id = p_rollout_id;
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM provisioning.jobs AS j WHERE j.rollout_id = p_rollout_id AND j.state IN ('queued', 'running')) THEN
        RETURN;
    END IF;
    FOR v_org IN
        SELECT o.id FROM core.organizations AS o
        WHERE o.id > v_rollout.last_org_id AND o.status IN ('COMMITTED', 'SUSPENDED')
          AND (v_rollout.plan IS NULL OR o.plan = v_rollout.plan)
        ORDER BY o.id
        LIMIT v_rollout.batch
    LOOP
        PERFORM provisioning.enqueue(v_org, 'rollout', p_rollout_id => p_rollout_id);
    END LOOP;
    IF v_org IS NULL THEN
        UPDATE provisioning.rollouts AS r SET state = 'done', finished_at = clock_timestamp()
        WHERE r.rollout_id = p_rollout_id;
    ELSE
        UPDATE provisioning.rollouts AS r SET last_org_id = v_org WHERE r.rollout_id = p_rollout_id;
    END IF;
END
$$;

COMMENT ON FUNCTION provisioning.advance_rollout(bigint) IS
    'Queues the next batch of a roll-out when the last one has ended; ends it when there is none, and stops it when too many have failed.';
REVOKE EXECUTE ON FUNCTION provisioning.advance_rollout(bigint) FROM PUBLIC;
