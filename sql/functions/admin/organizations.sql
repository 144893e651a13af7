SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.organizations()
RETURNS TABLE (
    id bigint, name text, slug text, namespace text, status text, plan text, owner_email text,
    created_at timestamptz, milliseconds numeric, failure text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT o.id, o.name, o.slug, o.namespace, o.status, o.plan, o.owner_email, o.created_at,
           round(extract(epoch FROM o.committed_at - o.created_at) * 1000, 1), o.failure
    FROM core.organizations AS o
    WHERE o.id <> 0
    ORDER BY o.id
$$;

COMMENT ON FUNCTION admin.organizations() IS
    'Every organisation, its state, and the milliseconds from create_organization to COMMITTED. Example: SELECT slug, status, milliseconds FROM admin.organizations();';
REVOKE EXECUTE ON FUNCTION admin.organizations() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.organizations() TO ark_dba, ark_monitor, ark_auditor;

CREATE OR REPLACE VIEW admin.organizations WITH (security_invoker = true) AS SELECT * FROM admin.organizations();
COMMENT ON VIEW admin.organizations IS
    'Every organisation, its state, and the milliseconds from create_organization to COMMITTED. Example: SELECT slug, status, milliseconds FROM admin.organizations();. The rows of admin.organizations(). Example: TABLE admin.organizations;';
GRANT SELECT ON admin.organizations TO ark_dba, ark_monitor, ark_auditor;
