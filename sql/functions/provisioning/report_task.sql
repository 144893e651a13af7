SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.report_task(p_task text, p_result text, p_error text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE provisioning.maintenance AS m
    SET finished_at = clock_timestamp(), result = coalesce(p_result, m.result), error = p_error,
        next_at = clock_timestamp() + CASE WHEN p_error IS NULL THEN m.period ELSE least(m.period, interval '1 minute') END
    WHERE m.task = p_task AND m.task IN ('survey-namespaces', 'ingest-usage');
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is no task of a provisioner', quote_nullable(p_task)
            USING ERRCODE = '22023', HINT = 'Those of which provisioning.maintain() says: asked for.';
    END IF;
END
$$;

COMMENT ON FUNCTION provisioning.report_task(text, text, text) IS
    'A provisioner tells what came of a timed task that it was asked for, for admin.maintenance(): a result, after which it is asked for when its period is over, or an error, and then within a minute. 22023: a task that SQL does itself, or none. Example: SELECT provisioning.report_task(''ingest-usage'', NULL, ''cannot connect to Prometheus'');';
REVOKE EXECUTE ON FUNCTION provisioning.report_task(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.report_task(text, text, text) TO ark_provisioner;
