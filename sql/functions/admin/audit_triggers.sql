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
    UNION ALL
    SELECT 'missing trigger', 'error', format('%I on %s', g.name, g.relation),
           'CREATE TRIGGER as in sql/functions or sql/migrations, and ALTER TABLE … ENABLE ALWAYS TRIGGER'
    FROM admin.required_guards() AS g
    WHERE g.kind = 'trigger' AND NOT EXISTS (
        SELECT FROM pg_trigger AS t
        JOIN pg_proc AS p ON p.oid = t.tgfoid
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
        JOIN admin.audited_relations() AS r ON r.relation = t.tgrelid
        WHERE r.name = g.relation AND t.tgname = g.name AND t.tgtype = g.type
          AND substring(pg_get_triggerdef(t.oid) FROM 'WHEN \((.*)\) EXECUTE') IS NOT DISTINCT FROM g.condition AND n.nspname || '.' || p.proname = g.function)
    UNION ALL
    -- A trigger of a statement is not inherited: each partition needs its own.
    SELECT 'missing trigger', 'error', format('append_only on %s', r.name),
           'SELECT config.guard_history_partition; or CREATE TRIGGER as on the other partitions'
    FROM admin.audited_relations() AS r
    WHERE r.is_partition AND EXISTS (
        SELECT FROM pg_inherits AS i
        JOIN admin.audited_relations() AS p ON p.relation = i.inhparent
        JOIN admin.required_guards() AS g ON g.relation = p.name AND g.name = 'append_only'
        WHERE i.inhrelid = r.relation)
      AND NOT EXISTS (
          SELECT FROM pg_trigger AS t
          JOIN admin.required_guards() AS g ON g.relation = 'config.config_history' AND g.name = 'append_only'
          WHERE t.tgrelid = r.relation AND t.tgname = 'append_only' AND t.tgtype = g.type AND t.tgqual IS NULL
            AND t.tgfoid::regproc::text = g.function)
    UNION ALL
    SELECT 'constraint that says something else', 'error', format('%I on %s', g.name, g.relation), 'DROP it, and ADD CONSTRAINT as in sql/migrations or sql/functions'
    FROM admin.required_guards() AS g
    JOIN admin.audited_relations() AS r ON r.name = g.relation
    JOIN pg_constraint AS k ON k.conrelid = r.relation AND k.conname = g.name AND k.contype = 'c'
    WHERE g.kind = 'constraint' AND pg_get_expr(k.conbin, k.conrelid) IS DISTINCT FROM g.condition
    UNION ALL
    SELECT 'missing constraint', 'error', format('%I on %s', g.name, g.relation), 'ADD CONSTRAINT as in sql/migrations or sql/functions'
    FROM admin.required_guards() AS g
    WHERE g.kind = 'constraint' AND NOT EXISTS (
        SELECT FROM pg_constraint AS k
        JOIN admin.audited_relations() AS r ON r.relation = k.conrelid
        WHERE r.name = g.relation AND k.conname = g.name AND k.contype = 'c')
    UNION ALL
    -- One that returns NULL before another keeps what happens out of the history.
    SELECT 'unknown trigger on a guarded table', 'error', format('%I on %s', t.tgname, r.name),
           format('DROP TRIGGER %I ON %s;', t.tgname, r.name)
    FROM pg_trigger AS t
    JOIN pg_proc AS f ON f.oid = t.tgfoid
    JOIN admin.audited_relations() AS r ON r.relation = t.tgrelid
    LEFT JOIN pg_inherits AS i ON i.inhrelid = r.relation
    LEFT JOIN admin.audited_relations() AS parent ON parent.relation = i.inhparent
    WHERE NOT t.tgisinternal AND t.tgparentid = 0
      -- On a partition as well, where it comes to the same.
      AND EXISTS (SELECT FROM admin.required_guards() AS g WHERE g.kind = 'trigger' AND g.relation IN (r.name, parent.name))
      AND NOT EXISTS (SELECT FROM admin.required_guards() AS g WHERE g.kind = 'trigger' AND g.relation IN (r.name, parent.name) AND g.name = t.tgname)
      AND NOT (r.name = 'config.config_history_default' AND f.proname = 'tg_config_history__astray')
    UNION ALL
    -- It rewrites a statement into another one, or into none.
    SELECT 'rule on a table', 'error', format('%I on %s', w.rulename, r.name), format('DROP RULE %I ON %s;', w.rulename, r.name)
    FROM pg_rewrite AS w
    JOIN admin.audited_relations() AS r ON r.relation = w.ev_class
    WHERE r.kind IN ('r', 'p')
    UNION ALL
    SELECT 'append-only table that can be changed', 'error', r.name,
           format('REVOKE %s ON %s FROM %s;', string_agg(DISTINCT g.privilege, ', '), r.name, string_agg(DISTINCT g.grantee_name, ', '))
    FROM admin.audited_relations() AS r
    JOIN admin.audited_grants() AS g USING (relation)
    WHERE g.privilege IN ('UPDATE', 'DELETE') AND g.grantee IS DISTINCT FROM to_regrole('ark_system')::oid
      AND EXISTS (SELECT FROM admin.required_guards() AS q WHERE q.relation = r.name AND q.name = 'append_only')
    GROUP BY r.name
$$;

COMMENT ON FUNCTION admin.audit_triggers() IS 'For admin.security_audit: triggers and constraints that do not hold, or not always, and what goes around them. Example: SELECT object, fix FROM admin.audit_triggers();';
REVOKE EXECUTE ON FUNCTION admin.audit_triggers() FROM PUBLIC;
