SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.cancel_job(p_job_id bigint, p_reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_job provisioning.jobs;
BEGIN
    v_job := provisioning.intervene(p_job_id, 'cancel', p_reason);
    IF v_job.state = 'failed' THEN
        RAISE EXCEPTION 'job % was given up already', p_job_id USING ERRCODE = '55000';
    END IF;
    IF v_job.kind = 'create' THEN
        -- What was made is taken back: one-way, like every undo.
        UPDATE provisioning.jobs AS j
        SET undo = true, attempts = 0, run_at = clock_timestamp(), error_code = 'cancelled', error = p_reason
        WHERE j.org_id = v_job.org_id AND j.job_id = p_job_id;
        PERFORM provisioning.turn_lane(v_job.org_id);
        NOTIFY provisioning;
        RETURN 'undo';
    END IF;
    UPDATE provisioning.jobs AS j SET error_code = 'cancelled', error = p_reason
    WHERE j.org_id = v_job.org_id AND j.job_id = p_job_id;
    PERFORM provisioning.finish(v_job.org_id, p_job_id, 'failed');
    RETURN 'failed';
END
$$;

COMMENT ON FUNCTION admin.cancel_job(bigint, text) IS
    'Gives up a job that waits; a creation is taken back. Returns undo or failed. P0002: no such job. 55000: it is running, done or given up. 22023: no reason. Example: SELECT admin.cancel_job(17, ''ordered by mistake'');';
REVOKE EXECUTE ON FUNCTION admin.cancel_job(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.cancel_job(bigint, text) TO ark_dba;
