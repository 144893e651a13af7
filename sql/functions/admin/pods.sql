SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.pods(p_service text DEFAULT NULL)
RETURNS TABLE (
    service text, pod text, state text, is_current boolean, behind bigint, epoch bigint,
    reloads bigint, reload_ms numeric, reload_ms_max numeric, reported_ago interval)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.service, p.pod, p.state,
           p.epoch = f.epoch AND p.seq >= s.seq AND p.state = 'READY',
           CASE WHEN p.epoch = f.epoch THEN greatest(s.seq - p.seq, 0) END,
           p.epoch, p.reloads,
           round((p.reload_ms_sum / nullif(p.reloads, 0))::numeric, 1), round(p.reload_ms_max::numeric, 1),
           date_trunc('milliseconds', clock_timestamp() - p.reported_at)
    FROM config.pods AS p
    CROSS JOIN config.feed AS f
    LEFT JOIN config.feed_services AS s ON s.service = p.service
    WHERE p_service IS NULL OR p.service = p_service
    ORDER BY p.service, p.pod
$$;

COMMENT ON FUNCTION admin.pods(text) IS
    'Every pod of the platform services that has ever reported: whether it holds the current configuration, how many announcements it is behind (NULL: another epoch), how long its reloads took. Example: SELECT * FROM admin.pods(''ai'');';
REVOKE EXECUTE ON FUNCTION admin.pods(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.pods(text) TO ark_dba, ark_monitor;

CREATE OR REPLACE VIEW admin.pods WITH (security_invoker = true) AS SELECT * FROM admin.pods();
COMMENT ON VIEW admin.pods IS
    'Every pod of the platform services that has ever reported: whether it holds the current configuration, how many announcements it is behind (NULL: another epoch), how long its reloads took. The rows of admin.pods(). Example: TABLE admin.pods;';
GRANT SELECT ON admin.pods TO ark_dba, ark_monitor;
