SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.fail(
    p_org_id bigint, p_job_id bigint, p_fence bigint, p_code text, p_message text,
    p_retry_after interval, p_steps jsonb,
    OUT next text, OUT run_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_job  provisioning.jobs;
    v_code provisioning.failure_codes;
BEGIN
    v_job := provisioning.held_job(p_org_id, p_job_id, p_fence);
    PERFORM provisioning.store_steps(p_org_id, p_job_id, p_fence, p_steps);
    -- What was asked to end has ended, whatever else has stopped it.
    SELECT * INTO v_code FROM provisioning.failure_codes AS c
    WHERE c.code = CASE WHEN v_job.cancelled AND NOT v_job.undo THEN 'cancelled' ELSE p_code END;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown failure code %', quote_nullable(p_code) USING ERRCODE = '22023';
    END IF;

    -- Waiting for what has no limit, such as a namespace that is being deleted, uses up nothing.
    v_job.refusals := v_job.refusals + (v_code.max_attempts IS NOT NULL)::integer;
    IF v_job.undo OR v_code.max_attempts IS NULL OR v_job.refusals < v_code.max_attempts THEN
        next := CASE WHEN v_job.undo THEN 'undo' ELSE 'retry' END;
        -- Full jitter above half the pause: many jobs that failed together do not return together.
        run_at := clock_timestamp() + greatest(
            p_retry_after,
            least(v_code.ceiling, v_code.base * 2 ^ least(v_job.attempts - 1, 20)) * (0.5 + random() / 2));
    ELSIF NOT EXISTS (SELECT FROM provisioning.kinds AS k WHERE k.kind = v_job.kind AND k.undone_by IS NOT NULL) THEN
        -- Nothing was made that could be taken back: it waits for an administrator.
        next := 'give up';
        PERFORM provisioning.give_up(
            p_org_id, p_job_id, v_code.code, CASE WHEN v_job.cancelled THEN v_job.error ELSE left(p_message, 2000) END);
        RETURN;
    ELSE
        -- One-way: from here on every attempt takes back, none builds.
        next := 'undo';
        run_at := clock_timestamp();
        v_job.undo := true;
        v_job.attempts := 0;
        v_job.refusals := 0;
    END IF;

    UPDATE provisioning.jobs AS j
    SET state = 'queued', undo = v_job.undo, attempts = v_job.attempts, refusals = v_job.refusals, run_at = fail.run_at,
        worker = NULL, lease_until = NULL,
        -- What made the job turn round is what the organisation failed of; undo keeps it.
        error_code = CASE WHEN j.undo THEN j.error_code ELSE v_code.code END,
        error = CASE WHEN j.undo OR j.cancelled THEN j.error ELSE left(p_message, 2000) END,
        cancelled = j.cancelled AND NOT v_job.undo
    WHERE j.org_id = p_org_id AND j.job_id = p_job_id;
    PERFORM provisioning.turn_lane(p_org_id);
    NOTIFY provisioning;
END
$$;

COMMENT ON FUNCTION provisioning.fail(bigint, bigint, bigint, text, text, interval, jsonb) IS
    'Reports a failed attempt with a code of provisioning.failure_codes, which decides: next is retry, undo (a creation) or give up (admin.redrive tries it again), at run_at, but not before p_retry_after; one that was cancelled meanwhile is not tried again, whatever the code. AR410 if another worker has the job. Example: SELECT * FROM provisioning.fail(123, 17, 1, ''unavailable'', ''connection refused'', NULL, ''[]'');';
REVOKE EXECUTE ON FUNCTION provisioning.fail(bigint, bigint, bigint, text, text, interval, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.fail(bigint, bigint, bigint, text, text, interval, jsonb) TO ark_provisioner;
