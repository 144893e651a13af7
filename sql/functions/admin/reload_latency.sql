SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.reload_latency()
RETURNS TABLE (service text, pods bigint, current_pods bigint, reloads numeric, mean_ms numeric, max_ms numeric)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.service, count(*), count(*) FILTER (WHERE p.is_current), sum(p.reloads),
           round(sum(p.reload_ms * p.reloads) / nullif(sum(p.reloads), 0), 1), max(p.reload_ms_max)
    FROM admin.pods() AS p
    GROUP BY p.service
    ORDER BY p.service
$$;

COMMENT ON FUNCTION admin.reload_latency() IS
    'Per service: how many pods report and hold the current configuration, and how long changes took to reach their memory. Example: SELECT * FROM admin.reload_latency();';
REVOKE EXECUTE ON FUNCTION admin.reload_latency() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.reload_latency() TO ark_dba, ark_monitor;

CREATE OR REPLACE VIEW admin.reload_latency WITH (security_invoker = true) AS SELECT * FROM admin.reload_latency();
COMMENT ON VIEW admin.reload_latency IS
    'Per service: how many pods report and hold the current configuration, and how long changes took to reach their memory. The rows of admin.reload_latency(). Example: TABLE admin.reload_latency;';
GRANT SELECT ON admin.reload_latency TO ark_dba, ark_monitor;
