SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.maintenance()
RETURNS TABLE (task text, period interval, next_at timestamptz, finished_at timestamptz, milliseconds numeric, result text, error text, description text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT m.task, m.period, m.next_at, m.finished_at, m.milliseconds, m.result, m.error, m.description
    FROM provisioning.maintenance AS m
    ORDER BY m.task
$$;

COMMENT ON FUNCTION admin.maintenance() IS
    'The timed work: when each task was done last, what came of it, and when it is due again. Example: SELECT task, finished_at, result, error FROM admin.maintenance();';
REVOKE EXECUTE ON FUNCTION admin.maintenance() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.maintenance() TO ark_dba, ark_monitor;

CREATE OR REPLACE VIEW admin.maintenance WITH (security_invoker = true) AS SELECT * FROM admin.maintenance();
COMMENT ON VIEW admin.maintenance IS
    'The timed work: when each task was done last, what came of it, and when it is due again. The rows of admin.maintenance(). Example: TABLE admin.maintenance;';
GRANT SELECT ON admin.maintenance TO ark_dba, ark_monitor;
