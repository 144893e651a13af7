SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION admin.audit_views()
RETURNS TABLE ("check" text, severity text, object text, fix text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    -- It would read with its owner's rights.
    SELECT 'view without security_invoker', 'error', r.name,
           format('ALTER VIEW %s SET (security_invoker = true);', r.name)
    FROM admin.audited_relations() AS r
    JOIN pg_class AS c ON c.oid = r.relation
    WHERE r.kind = 'v' AND NOT EXISTS (
        SELECT FROM pg_options_to_table(c.reloptions) AS o
        WHERE o.option_name = 'security_invoker' AND o.option_value::boolean)
    UNION ALL
    -- Neither knows row-level security.
    SELECT CASE r.kind WHEN 'm' THEN 'materialised view granted' ELSE 'foreign table granted' END, 'error', r.name,
           format('REVOKE ALL ON %s FROM %s; and give a function that asks for the organisation', r.name, string_agg(DISTINCT g.grantee_name, ', '))
    FROM admin.audited_relations() AS r
    JOIN admin.audited_grants() AS g USING (relation)
    WHERE r.kind IN ('m', 'f') AND g.grantee IS DISTINCT FROM to_regrole('ark_system')::oid
    GROUP BY r.kind, r.name
$$;

COMMENT ON FUNCTION admin.audit_views() IS 'For admin.security_audit: views, materialised views, foreign tables. Example: SELECT object, fix FROM admin.audit_views();';
REVOKE EXECUTE ON FUNCTION admin.audit_views() FROM PUBLIC;
