SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.drift(p_silence interval DEFAULT '90 seconds')
RETURNS TABLE (service text, pod text, why text, reported_ago interval)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.service, p.pod,
           CASE
               WHEN p.reported_ago > p_silence THEN format('silent for %s', justify_interval(p.reported_ago))
               WHEN p.behind IS NULL THEN format('holds epoch %s', p.epoch)
               WHEN p.behind > 0 THEN format('%s announcements behind', p.behind)
               ELSE format('is %s', p.state)
           END,
           p.reported_ago
    FROM admin.pods() AS p
    WHERE NOT p.is_current OR p.reported_ago > p_silence
    ORDER BY p.service, p.pod
$$;

COMMENT ON FUNCTION admin.drift(interval) IS
    'Pods that differ from the database, and why: behind, of another epoch, stale, or silent for longer than p_silence: a pod reports twice a minute. Example: SELECT * FROM admin.drift();';
REVOKE EXECUTE ON FUNCTION admin.drift(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.drift(interval) TO ark_dba, ark_monitor;

CREATE OR REPLACE VIEW admin.drift WITH (security_invoker = true) AS SELECT * FROM admin.drift();
COMMENT ON VIEW admin.drift IS
    'Pods that differ from the database, and why: behind, of another epoch, stale, or silent for longer than p_silence: a pod reports twice a minute. The rows of admin.drift(). Example: TABLE admin.drift;';
GRANT SELECT ON admin.drift TO ark_dba, ark_monitor;
