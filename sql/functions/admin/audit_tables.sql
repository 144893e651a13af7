SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION admin.audit_tables()
RETURNS TABLE ("check" text, severity text, object text, fix text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'table without row-level security', 'error', r.name,
           format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY; and policies like those of sql/rls/core.projects.sql', r.name)
    FROM admin.audited_relations() AS r
    WHERE r.is_tenants AND NOT r.is_secured
    UNION ALL
    SELECT 'table without FORCE ROW LEVEL SECURITY', 'error', r.name,
           format('ALTER TABLE %s FORCE ROW LEVEL SECURITY;', r.name)
    FROM admin.audited_relations() AS r
    WHERE r.is_tenants AND NOT r.is_forced
    UNION ALL
    -- Nobody knows whether its rows are somebody's.
    SELECT 'granted table without row-level security', 'error', r.name,
           format('REVOKE %s ON %s FROM %s; or enable row-level security. If all organisations shall read it, name it in admin.audited_relations',
                  string_agg(DISTINCT g.privilege, ', '), r.name, string_agg(DISTINCT g.grantee_name, ', '))
    FROM admin.audited_relations() AS r
    JOIN admin.audited_grants() AS g USING (relation)
    WHERE r.kind IN ('r', 'p') AND NOT r.is_tenants
      AND g.grantee IS DISTINCT FROM to_regrole('ark_system')::oid
      AND NOT (r.is_shared AND g.privilege = 'SELECT')
      -- Of several who migrate, one owns the ledger, and the others need it.
      AND NOT (r.name = 'migrate.ledger' AND g.privilege IN ('SELECT', 'INSERT') AND g.grantee <> 0
               AND pg_has_role(g.grantee, to_regrole('ark_migrator')::oid, 'MEMBER'))
    GROUP BY r.name
    UNION ALL
    -- TRUNCATE passes row-level security, REFERENCES tells which keys exist, TRIGGER runs code as others.
    SELECT 'TRUNCATE, REFERENCES or TRIGGER granted', 'error', r.name,
           format('REVOKE %s%s ON %s FROM %s;', g.privilege, ' (' || quote_ident(g.column_name) || ')', r.name, g.grantee_name)
    FROM admin.audited_relations() AS r
    JOIN admin.audited_grants() AS g USING (relation)
    WHERE g.privilege IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')
    UNION ALL
    -- Policies of the parent do not hold for who names the partition.
    SELECT 'partition reachable directly', 'error', r.name,
           format('REVOKE ALL ON %s FROM %s;', r.name, string_agg(DISTINCT g.grantee_name, ', '))
    FROM admin.audited_relations() AS r
    JOIN admin.audited_grants() AS g USING (relation)
    WHERE r.is_partition OR EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = r.relation)
    GROUP BY r.name
    UNION ALL
    -- Its numbers tell how much the others do, and setval stops them.
    SELECT 'sequence granted', 'error', r.name,
           format('REVOKE ALL ON SEQUENCE %s FROM %s;', r.name, string_agg(DISTINCT g.grantee_name, ', '))
    FROM admin.audited_relations() AS r
    JOIN admin.audited_grants() AS g USING (relation)
    WHERE r.kind = 'S' AND g.grantee IS DISTINCT FROM to_regrole('ark_system')::oid
    GROUP BY r.name
$$;

COMMENT ON FUNCTION admin.audit_tables() IS 'For admin.security_audit: row-level security and grants of tables, partitions and sequences. Example: SELECT object, fix FROM admin.audit_tables();';
REVOKE EXECUTE ON FUNCTION admin.audit_tables() FROM PUBLIC;
