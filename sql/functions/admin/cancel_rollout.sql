SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.cancel_rollout(p_rollout_id bigint, p_reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_job provisioning.jobs;
BEGIN
    PERFORM FROM provisioning.lanes AS l
    WHERE l.org_id IN (SELECT j.org_id FROM provisioning.jobs AS j WHERE j.rollout_id = p_rollout_id AND j.state = 'queued')
    ORDER BY l.org_id FOR UPDATE;
    PERFORM provisioning.change_rollout(p_rollout_id, ARRAY['running', 'paused', 'stopped'], 'cancelled', p_reason);
    FOR v_job IN
        SELECT * FROM provisioning.jobs AS j WHERE j.rollout_id = p_rollout_id AND j.state = 'queued'
    LOOP
        UPDATE provisioning.jobs AS j SET error_code = 'cancelled', error = p_reason
        WHERE j.org_id = v_job.org_id AND j.job_id = v_job.job_id;
        PERFORM provisioning.finish(v_job.org_id, v_job.job_id, 'failed');
    END LOOP;
    RETURN 'cancelled';
END
$$;

COMMENT ON FUNCTION admin.cancel_rollout(bigint, text) IS
    'Ends a roll-out: tenants that had their turn stay as they are, the others are left alone. Returns cancelled. P0002: no such roll-out. 55000: it has ended. 22023: no reason. AR422: the reason holds what looks like a secret. Example: SELECT admin.cancel_rollout(3, ''another blueprint follows'');';
REVOKE EXECUTE ON FUNCTION admin.cancel_rollout(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.cancel_rollout(bigint, text) TO ark_dba;
