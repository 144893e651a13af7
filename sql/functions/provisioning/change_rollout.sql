SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.change_rollout(p_rollout_id bigint, p_from text[], p_to text, p_reason text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_state text;
BEGIN
    SELECT r.state INTO v_state FROM provisioning.rollouts AS r WHERE r.rollout_id = p_rollout_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no roll-out %', p_rollout_id
            USING ERRCODE = 'P0002', HINT = 'SELECT * FROM admin.rollouts() lists them.';
    END IF;
    IF v_state <> ALL (p_from) THEN
        RAISE EXCEPTION 'roll-out % is %', p_rollout_id, v_state
            USING ERRCODE = '55000', HINT = format('It would have to be %s.', array_to_string(p_from, ' or '));
    END IF;
    PERFORM core.record_event(
        0, 'rollout', jsonb_build_object('rollout_id', p_rollout_id, 'how', p_to, 'old', v_state), p_reason);
    UPDATE provisioning.rollouts AS r
    SET state = p_to, finished_at = CASE WHEN p_to = 'cancelled' THEN clock_timestamp() END
    WHERE r.rollout_id = p_rollout_id;
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION 'another roll-out is under way'
        USING ERRCODE = '55000', HINT = 'SELECT * FROM admin.rollouts() shows it.';
END
$$;

COMMENT ON FUNCTION provisioning.change_rollout(bigint, text[], text, text) IS
    'Locks a roll-out, takes it from one of these states to another, and records who did it and why. P0002, 55000, 22023 as admin.pause_rollout.';
REVOKE EXECUTE ON FUNCTION provisioning.change_rollout(bigint, text[], text, text) FROM PUBLIC;
