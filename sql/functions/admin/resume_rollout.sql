SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.resume_rollout(p_rollout_id bigint, p_reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint;
BEGIN
    -- The lanes first, as everybody does, then the roll-out.
    PERFORM FROM provisioning.lanes AS l
    WHERE l.org_id IN (SELECT j.org_id FROM provisioning.jobs AS j
                       WHERE j.rollout_id = p_rollout_id AND j.state IN ('queued', 'failed'))
    ORDER BY l.org_id FOR UPDATE;
    PERFORM provisioning.change_rollout(p_rollout_id, ARRAY['paused', 'stopped'], 'running', p_reason);
    FOR v_org IN
        UPDATE provisioning.jobs AS j
        SET state = 'queued', attempts = 0, refusals = 0, finished_at = NULL, run_at = clock_timestamp()
        WHERE j.rollout_id = p_rollout_id
          AND (j.state = 'queued' OR j.state = 'failed' AND j.error_code <> 'cancelled')
        RETURNING j.org_id
    LOOP
        PERFORM provisioning.turn_lane(v_org);
    END LOOP;
    PERFORM provisioning.advance_rollout(p_rollout_id);
    NOTIFY provisioning;
    RETURN (SELECT r.state FROM provisioning.rollouts AS r WHERE r.rollout_id = p_rollout_id);
END
$$;

COMMENT ON FUNCTION admin.resume_rollout(bigint, text) IS
    'Lets a roll-out go on that was paused, or that its failures have stopped: those are tried again, and counted from zero. Returns running, or done if nothing is left. P0002: no such roll-out. 55000: it is neither paused nor stopped, or another one is under way. 22023: no reason. AR422: the reason holds what looks like a secret. Example: SELECT admin.resume_rollout(3, ''the webhook is mended'');';
REVOKE EXECUTE ON FUNCTION admin.resume_rollout(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.resume_rollout(bigint, text) TO ark_dba;
