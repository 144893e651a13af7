SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.maintain()
RETURNS TABLE (task text, milliseconds numeric, result text, error text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_task  provisioning.maintenance;
    v_start timestamptz;
    v_gone  bigint;
    -- Whether the caller does it.
    v_asked boolean;
BEGIN
    -- One task per call, so that each commits by itself. Another caller passes over it meanwhile.
    SELECT * INTO v_task FROM provisioning.maintenance AS m
    WHERE m.next_at <= clock_timestamp()
    ORDER BY m.next_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    v_start := clock_timestamp();
    BEGIN
        result := CASE v_task.task
            WHEN 'make-partitions' THEN format('%s made', config.make_history_partitions())
            WHEN 'mirror-quotas' THEN format('%s mirrored', finops.mirror_due_quotas())
            WHEN 'seal-history' THEN format('%s sealed', config.seal_history())
            WHEN 'compare-tenants' THEN format('%s queued', provisioning.compare_due())
            -- The caller lists the namespaces, and reports to report_namespaces; what kept it, to report_task.
            WHEN 'survey-namespaces' THEN 'asked for'
            -- The caller asks Prometheus what provisioning.usage_due() says, and reports to report_samples
            -- and report_task.
            WHEN 'ingest-usage' THEN 'asked for'
        END;
        v_asked := result = 'asked for';
        v_gone := CASE v_task.task
            WHEN 'forget-usage' THEN finops.forget_usage(v_task.batch)
            WHEN 'forget-jobs' THEN provisioning.forget_jobs(v_task.batch)
            WHEN 'forget-tokens' THEN auth.forget_tokens(v_task.batch)
            WHEN 'forget-sessions' THEN auth.forget_sessions(v_task.batch)
        END;
        result := coalesce(result, v_gone || ' forgotten');
        IF result IS NULL THEN
            RAISE EXCEPTION 'unknown task %', v_task.task USING ERRCODE = '22023';
        END IF;
    EXCEPTION WHEN OTHERS THEN
        -- Recorded instead of thrown: else it would be tried again at once, and for ever.
        error := format('%s (SQLSTATE %s)', SQLERRM, SQLSTATE);
    END;
    task := v_task.task;
    milliseconds := round((extract(epoch FROM clock_timestamp() - v_start) * 1000)::numeric, 3);
    UPDATE provisioning.maintenance AS m
    SET next_at = clock_timestamp() + CASE
            -- Asked for again, until it is reported: whoever was asked may be gone.
            WHEN v_asked OR maintain.error IS NOT NULL THEN least(m.period, interval '1 minute')
            -- There may be more. What else is due has been for longer, and comes first.
            WHEN v_gone >= v_task.batch THEN interval '0'
            ELSE m.period END
    WHERE m.task = v_task.task;
    IF v_asked IS NOT TRUE THEN
        UPDATE provisioning.maintenance AS m
        SET finished_at = clock_timestamp(), milliseconds = maintain.milliseconds,
            result = coalesce(maintain.result, m.result), error = maintain.error
        WHERE m.task = v_task.task;
    END IF;
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION provisioning.maintain() IS
    'Does the timed task that has been due for longest, and tells what came of it: a row, or none if nothing is due. A batch that was full is due again at once; what the caller is asked for, within a minute, until it is reported. What fails is recorded in provisioning.maintenance and tried again within a minute. Example: SELECT * FROM provisioning.maintain();';
REVOKE EXECUTE ON FUNCTION provisioning.maintain() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.maintain() TO ark_provisioner;
