SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.workers()
RETURNS TABLE (worker text, job_id bigint, slug text, kind text, attempt integer, lease_until timestamptz, is_silent boolean)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT j.worker, j.job_id, o.slug, CASE WHEN j.undo THEN j.kind || ' (undo)' ELSE j.kind END, j.attempts,
           j.lease_until, j.lease_until < clock_timestamp()
    FROM provisioning.jobs AS j
    JOIN core.organizations AS o ON o.id = j.org_id
    WHERE j.state = 'running'
    ORDER BY j.worker, j.job_id
$$;

COMMENT ON FUNCTION admin.workers() IS
    'Who works on what: the jobs in the hands of provisioners, and until when each is his without a heartbeat; is_silent: his lease is over, and another takes the job up. Example: SELECT worker, slug, kind, lease_until FROM admin.workers();';
REVOKE EXECUTE ON FUNCTION admin.workers() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.workers() TO ark_dba, ark_monitor;

CREATE OR REPLACE VIEW admin.workers WITH (security_invoker = true) AS SELECT * FROM admin.workers();
COMMENT ON VIEW admin.workers IS
    'Who works on what: the jobs in the hands of provisioners, and until when each is his without a heartbeat; is_silent: his lease is over, and another takes the job up. The rows of admin.workers(). Example: TABLE admin.workers;';
GRANT SELECT ON admin.workers TO ark_dba, ark_monitor;
