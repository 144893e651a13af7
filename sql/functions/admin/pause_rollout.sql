SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.pause_rollout(p_rollout_id bigint, p_reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM provisioning.change_rollout(p_rollout_id, ARRAY['running'], 'paused', p_reason);
    RETURN 'paused';
END
$$;

COMMENT ON FUNCTION admin.pause_rollout(bigint, text) IS
    'Lets a roll-out go no further; what is under way ends. Returns paused. P0002: no such roll-out. 55000: it is not running. 22023: no reason. AR422: the reason holds what looks like a secret. Example: SELECT admin.pause_rollout(3, ''the week ends'');';
REVOKE EXECUTE ON FUNCTION admin.pause_rollout(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.pause_rollout(bigint, text) TO ark_dba;
