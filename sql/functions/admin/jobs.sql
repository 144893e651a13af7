SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.jobs(p_slug text DEFAULT NULL)
RETURNS TABLE (
    job_id bigint, slug text, kind text, state text, undo boolean, attempts integer, fence bigint,
    run_at timestamptz, worker text, lease_until timestamptz, error_code text, error text,
    created_at timestamptz, finished_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM core.require_slug(p_slug);
    RETURN QUERY
        SELECT j.job_id, o.slug, j.kind, j.state, j.undo, j.attempts, j.fence, j.run_at, j.worker,
               j.lease_until, j.error_code, j.error, j.created_at, j.finished_at
        FROM provisioning.jobs AS j
        JOIN core.organizations AS o ON o.id = j.org_id
        WHERE p_slug IS NULL OR o.slug = p_slug
        ORDER BY j.job_id;
END
$$;

COMMENT ON FUNCTION admin.jobs(text) IS 'The queue, of one organisation or of all: who works on what, and why it failed last. P0002: no organisation has that slug. Example: SELECT job_id, kind, state, error FROM admin.jobs(''acme'');';
REVOKE EXECUTE ON FUNCTION admin.jobs(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.jobs(text) TO ark_dba, ark_monitor;

CREATE OR REPLACE VIEW admin.jobs WITH (security_invoker = true) AS SELECT * FROM admin.jobs();
COMMENT ON VIEW admin.jobs IS
    'The queue, of one organisation or of all: who works on what, and why it failed last. The rows of admin.jobs(). Example: TABLE admin.jobs;';
GRANT SELECT ON admin.jobs TO ark_dba, ark_monitor;
