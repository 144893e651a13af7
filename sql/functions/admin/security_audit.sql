SET LOCAL ROLE ark_owner;

-- Definer's rights for the schemas that auditors have no USAGE on; it reads nothing but the catalog.
CREATE OR REPLACE FUNCTION admin.security_audit()
RETURNS TABLE ("check" text, severity text, object text, fix text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT f."check", f.severity, f.object, f.fix
    FROM (
        SELECT * FROM admin.audit_tables()
        UNION SELECT * FROM admin.audit_views()
        UNION SELECT * FROM admin.audit_policies()
        UNION SELECT * FROM admin.audit_keys()
        UNION SELECT * FROM admin.audit_functions()
        UNION SELECT * FROM admin.audit_triggers()
        UNION SELECT * FROM admin.audit_roles()
        UNION SELECT * FROM admin.audit_database()
    ) AS f
    ORDER BY f.severity, f."check", f.object, f.fix
$$;

COMMENT ON FUNCTION admin.security_audit() IS
    'What in the catalog would let one organisation see or change another''s rows: which check, error or warning, what it is about, and how to mend it. No row: nothing found. migrate up ends with it (sql/checks.sql) and fails on an error. Example: SELECT * FROM admin.security_audit() WHERE severity = ''error'';';
REVOKE EXECUTE ON FUNCTION admin.security_audit() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.security_audit() TO ark_dba, ark_auditor, ark_monitor, ark_migrator, ark_system;
-- A migrator inherits nothing of the owner's, and runs the checks as itself.
GRANT USAGE ON SCHEMA admin TO ark_migrator;

CREATE OR REPLACE VIEW admin.security_audit WITH (security_invoker = true) AS SELECT * FROM admin.security_audit();
COMMENT ON VIEW admin.security_audit IS
    'What in the catalog would let one organisation see or change another''s rows: which check, error or warning, what it is about, and how to mend it. The rows of admin.security_audit(). Example: TABLE admin.security_audit;';
GRANT SELECT ON admin.security_audit TO ark_dba, ark_auditor, ark_monitor;
