SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.maintain()
RETURNS TABLE (task text, milliseconds numeric, result text, error text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_task  provisioning.maintenance;
    v_start timestamptz;
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
            -- The caller does it, and reports to provisioning.report_namespaces.
            WHEN 'survey-namespaces' THEN 'asked for'
            -- The caller asks Prometheus what provisioning.usage_due() says, and reports to report_samples
            -- and report_task.
            WHEN 'ingest-usage' THEN 'asked for'
            WHEN 'forget-usage' THEN format('%s forgotten', finops.forget_usage())
            WHEN 'forget-jobs' THEN format('%s forgotten', provisioning.forget_jobs())
            WHEN 'forget-tokens' THEN format('%s forgotten', auth.forget_tokens())
            WHEN 'forget-sessions' THEN format('%s forgotten', auth.forget_sessions())
        END;
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
    SET next_at = clock_timestamp() + CASE WHEN maintain.error IS NULL THEN m.period ELSE least(m.period, interval '1 minute') END,
        finished_at = clock_timestamp(), milliseconds = maintain.milliseconds,
        result = coalesce(maintain.result, m.result), error = maintain.error
    WHERE m.task = v_task.task;
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION provisioning.maintain() IS
    'Does the timed task that has been due for longest, and tells what came of it: a row, or none if nothing is due. What fails is recorded in provisioning.maintenance and tried again within a minute. Example: SELECT * FROM provisioning.maintain();';
REVOKE EXECUTE ON FUNCTION provisioning.maintain() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.maintain() TO ark_provisioner;
