SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.lanes()
RETURNS TABLE (slug text, queued bigint, running text, priority smallint, next_at timestamptz, served_at timestamptz, oldest interval)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT o.slug, j.queued, j.running, l.priority, l.next_at, nullif(l.served_at, '-infinity'), j.oldest
    FROM (
        SELECT j.org_id, count(*) FILTER (WHERE j.state = 'queued') AS queued,
               min(j.kind) FILTER (WHERE j.state = 'running') AS running,
               date_trunc('milliseconds', clock_timestamp() - min(j.created_at)) AS oldest
        FROM provisioning.jobs AS j
        WHERE j.state IN ('queued', 'running')
        GROUP BY j.org_id
    ) AS j
    JOIN provisioning.lanes AS l ON l.org_id = j.org_id
    JOIN core.organizations AS o ON o.id = j.org_id
    ORDER BY j.queued DESC, o.slug
$$;

COMMENT ON FUNCTION admin.lanes() IS
    'The queue by organisation, the longest first: how many jobs wait, which runs, and since or from when its lane is to be served. Lanes are served by priority, and of one priority in turn. Example: SELECT slug, queued, running, next_at FROM admin.lanes();';
REVOKE EXECUTE ON FUNCTION admin.lanes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.lanes() TO ark_dba, ark_monitor;

CREATE OR REPLACE VIEW admin.lanes WITH (security_invoker = true) AS SELECT * FROM admin.lanes();
COMMENT ON VIEW admin.lanes IS
    'The queue by organisation, the longest first: how many jobs wait, which runs, and since or from when its lane is to be served. Lanes are served by priority, and of one priority in turn. The rows of admin.lanes(). Example: TABLE admin.lanes;';
GRANT SELECT ON admin.lanes TO ark_dba, ark_monitor;
