SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION admin.audit_triggers()
RETURNS TABLE ("check" text, severity text, object text, fix text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    -- Those of foreign keys, too, which are PostgreSQL's own and always of origin.
    SELECT 'disabled trigger', 'error', format('%I on %s', t.tgname, r.name),
           CASE WHEN t.tgisinternal THEN format('ALTER TABLE %s ENABLE TRIGGER ALL; and ENABLE ALWAYS those that were', r.name)
                ELSE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I;', r.name, t.tgname) END
    FROM pg_trigger AS t
    JOIN admin.audited_relations() AS r ON r.relation = t.tgrelid
    WHERE t.tgenabled IN ('D', 'R')
    UNION ALL
    SELECT 'trigger that session_replication_role passes', 'warning', format('%I on %s', t.tgname, r.name),
           format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I;', r.name, t.tgname)
    FROM pg_trigger AS t
    JOIN admin.audited_relations() AS r ON r.relation = t.tgrelid
    WHERE t.tgenabled = 'O' AND NOT t.tgisinternal
$$;

COMMENT ON FUNCTION admin.audit_triggers() IS 'For admin.security_audit: triggers that do not fire, or not always. Example: SELECT object, fix FROM admin.audit_triggers();';
REVOKE EXECUTE ON FUNCTION admin.audit_triggers() FROM PUBLIC;
