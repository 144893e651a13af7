SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.queue()
RETURNS TABLE (kind text, state text, jobs bigint, due bigint, oldest interval)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT j.kind, CASE WHEN j.undo AND j.state IN ('queued', 'running') THEN j.state || ' (undo)' ELSE j.state END AS state,
           count(*), count(*) FILTER (WHERE j.state = 'queued' AND j.run_at <= clock_timestamp()),
           date_trunc('milliseconds', clock_timestamp() - min(j.created_at)
               FILTER (WHERE j.state IN ('queued', 'running')))
    FROM provisioning.jobs AS j
    GROUP BY 1, 2
    ORDER BY 1, 2
$$;

COMMENT ON FUNCTION admin.queue() IS
    'The queue in figures: jobs by kind and state, how many are due, and the age of the oldest that is not finished. Example: SELECT * FROM admin.queue();';
REVOKE EXECUTE ON FUNCTION admin.queue() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.queue() TO ark_dba, ark_monitor;

CREATE OR REPLACE VIEW admin.queue WITH (security_invoker = true) AS SELECT * FROM admin.queue();
COMMENT ON VIEW admin.queue IS
    'The queue in figures: jobs by kind and state, how many are due, and the age of the oldest that is not finished. The rows of admin.queue(). Example: TABLE admin.queue;';
GRANT SELECT ON admin.queue TO ark_dba, ark_monitor;
