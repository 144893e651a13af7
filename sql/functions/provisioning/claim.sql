SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.claim(p_worker text, p_lease interval)
RETURNS TABLE (
    org_id bigint, job_id bigint, kind text, undo boolean, fence bigint, attempt integer,
    operation_id uuid, namespace text, namespace_uid text, steps jsonb)
LANGUAGE plpgsql SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_now       timestamptz;
    v_org       bigint;
    v_job       provisioning.jobs;
    v_status    text;
    v_is_kept   boolean;
    v_undone_by text;
    v_error     text;
BEGIN
    LOOP
        v_now := clock_timestamp();
        v_org := provisioning.next_lane(v_now);
        EXIT WHEN v_org IS NULL;

        -- A statement of its own, so that its snapshot shows what the lane's last holder committed.
        SELECT j.* INTO v_job FROM provisioning.jobs AS j WHERE j.org_id = v_org AND j.state = 'running';
        IF NOT FOUND THEN
            v_job := provisioning.next_job(v_org, v_now);
        END IF;
        -- Where the hint was early, it is corrected, so that nobody looks in vain again.
        IF v_job.lease_until > v_now THEN
            UPDATE provisioning.lanes AS l SET next_at = v_job.lease_until WHERE l.org_id = v_org;
            CONTINUE;
        ELSIF v_job.job_id IS NULL OR v_job.run_at > v_now THEN
            PERFORM provisioning.turn_lane(v_org);
            CONTINUE;
        END IF;

        SELECT o.status, o.status = ANY (k.statuses), o.operation_id, o.namespace, k.undone_by,
               -- What is to be swept is another one than that which was recorded.
               CASE WHEN v_job.kind <> 'sweep' THEN o.namespace_uid END
        INTO v_status, v_is_kept, operation_id, namespace, v_undone_by, namespace_uid
        FROM core.organizations AS o
        JOIN provisioning.kinds AS k ON k.kind = v_job.kind
        WHERE o.id = v_org;
        IF v_job.cancelled AND v_undone_by IS NOT NULL THEN
            -- Its worker has not lived to hear of it.
            v_job.undo := true;
            v_job.attempts := 0;
        ELSIF v_job.cancelled OR NOT v_job.undo AND NOT v_is_kept THEN
            -- Suspended and resumed again before anybody came to it, or deleted meanwhile.
            PERFORM provisioning.give_up(
                v_org, v_job.job_id, 'cancelled',
                CASE WHEN v_job.cancelled THEN v_job.error ELSE format('the organisation is %s', v_status) END);
            CONTINUE;
        END IF;

        UPDATE provisioning.lanes AS l
        SET served_at = v_now, next_at = v_now + p_lease, fence = l.fence + 1
        WHERE l.org_id = v_org
        RETURNING l.fence INTO v_job.fence;
        v_job.attempts := v_job.attempts + 1;
        v_error := NULL;
        steps := '[]';
        BEGIN
            steps := provisioning.render(v_org, CASE WHEN v_job.undo THEN v_undone_by ELSE v_job.kind END, v_job.fence);
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS v_error = MESSAGE_TEXT;
        END;
        IF v_error IS NOT NULL AND v_job.undo THEN
            -- It is never given up, and would wait for ever: what it cannot do without is the deletion.
            v_error := NULL;
            steps := jsonb_build_array(jsonb_build_object(
                'step', 'delete', 'wave', 1, 'verb', 'delete', 'path', '/api/v1/namespaces/' || namespace,
                'on_exists', 'compare'));
        END IF;
        UPDATE provisioning.jobs AS j
        SET state = 'running', fence = v_job.fence, attempts = v_job.attempts, worker = p_worker,
            undo = v_job.undo, cancelled = false, error_code = CASE WHEN j.cancelled THEN 'cancelled' ELSE j.error_code END,
            lease_until = v_now + p_lease,
            steps = ARRAY(SELECT s ->> 'step' FROM jsonb_array_elements(claim.steps) AS s)
        WHERE j.org_id = v_org AND j.job_id = v_job.job_id;
        IF v_error IS NOT NULL THEN
            -- What cannot be computed fails as an attempt of its own organisation. As an error of the
            -- claim it would stop all the others, too.
            PERFORM provisioning.fail(
                v_org, v_job.job_id, v_job.fence, 'internal', v_error, NULL, '[]');
            CONTINUE;
        END IF;

        org_id := v_org;
        job_id := v_job.job_id;
        kind := v_job.kind;
        undo := v_job.undo;
        fence := v_job.fence;
        attempt := v_job.attempts;
        RETURN NEXT;
        RETURN;
    END LOOP;
END
$$;

COMMENT ON FUNCTION provisioning.claim(text, interval) IS
    'Takes the next job of the organisation that has waited longest, or one whose worker''s lease has expired, with a new fence and its steps: what is to be applied, or, for an undo, what takes it back (provisioning.kinds.undone_by). No row: nothing to do. Commit before acting on it. Example: SELECT * FROM provisioning.claim(''worker-1'', ''15 s'');';
REVOKE EXECUTE ON FUNCTION provisioning.claim(text, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.claim(text, interval) TO ark_provisioner;
