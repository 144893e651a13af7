SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.tenant_drift()
RETURNS TABLE (slug text, step text, what text, detail text, found_at timestamptz, seen_at timestamptz, repair text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT o.slug, d.step, d.what, d.detail, d.found_at, d.seen_at,
           CASE WHEN p.on_drift = 'repair' THEN 'queued by itself'
                ELSE format('SELECT admin.repair(%L, ''why'');', o.slug) END
    FROM provisioning.drift AS d
    JOIN core.organizations AS o ON o.id = d.org_id
    JOIN provisioning.plans AS p ON p.plan = o.plan
    UNION ALL
    -- Nothing of ours deletes it: whose it is, a person finds out.
    SELECT s.name, 'namespace', 'stray', 'no organisation owns this namespace', s.found_at, s.seen_at,
           'kubectl get namespace ' || s.name || ' -o yaml'
    FROM provisioning.stray_namespaces AS s
    ORDER BY 1, 2
$$;

COMMENT ON FUNCTION admin.tenant_drift() IS
    'What in Kubernetes is not as the blueprint says: objects that differ or are missing, which fields, and since when it is known; namespaces with our prefix that no organisation owns (stray). Example: SELECT slug, step, what, detail FROM admin.tenant_drift();';
REVOKE EXECUTE ON FUNCTION admin.tenant_drift() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.tenant_drift() TO ark_dba, ark_monitor;

CREATE OR REPLACE VIEW admin.tenant_drift WITH (security_invoker = true) AS SELECT * FROM admin.tenant_drift();
COMMENT ON VIEW admin.tenant_drift IS
    'What in Kubernetes is not as the blueprint says: objects that differ or are missing, which fields, and since when it is known; namespaces with our prefix that no organisation owns (stray). The rows of admin.tenant_drift(). Example: TABLE admin.tenant_drift;';
GRANT SELECT ON admin.tenant_drift TO ark_dba, ark_monitor;
