SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION admin.audit_keys()
RETURNS TABLE ("check" text, severity text, object text, fix text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    -- Checked without row-level security: it tells whether another organisation's row is there, and
    -- binds one organisation's row to another's.
    SELECT 'foreign key that crosses organisations', 'error', format('%I on %s', k.conname, r.name),
           format('Add org_id to it: FOREIGN KEY (org_id, …) REFERENCES %s (org_id, …)', f.name)
    FROM pg_constraint AS k
    JOIN admin.audited_relations() AS r ON r.relation = k.conrelid
    JOIN admin.audited_relations() AS f ON f.relation = k.confrelid
    WHERE k.contype = 'f' AND f.is_tenants AND NOT EXISTS (
        SELECT FROM unnest(k.conkey, k.confkey) AS pair (own, theirs)
        WHERE pair.own = r.org_column AND pair.theirs = f.org_column)
      -- People are in several organisations; that key is written by functions only.
      AND NOT (f.org_column IS NULL AND NOT EXISTS (
          SELECT FROM admin.audited_grants() AS g
          WHERE g.relation = r.relation AND g.privilege IN ('INSERT', 'UPDATE') AND g.grantee IS DISTINCT FROM to_regrole('ark_system')::oid))
    UNION ALL
    -- Who gets 23505 knows what another organisation has. The table of organisations itself is one list.
    SELECT 'unique key that crosses organisations', 'error', format('%s on %s', i.indexrelid::regclass, r.name),
           'Make org_id its first column'
    FROM pg_index AS i
    JOIN admin.audited_relations() AS r ON r.relation = i.indrelid
    WHERE (i.indisunique OR i.indisexclusion) AND (r.org_column IS NOT NULL OR r.name = 'core.users')
      AND (r.org_column IS NULL OR r.org_column <> ALL ((i.indkey::smallint[])[0:i.indnkeyatts - 1]))
      AND i.indexrelid::regclass::text NOT IN (
          'core.organizations_slug_in_use', 'core.operation_id_is_unique', 'core.users_email', 'core.users_pkey')
    UNION ALL
    -- EXPLAIN ANALYZE tells how many rows an index has found before row-level security has looked at them,
    -- where the operator is leakproof, as those of plain columns mostly are. That a transaction has changed
    -- something (xid8) is no secret.
    SELECT 'index that others can look into', 'error', format('%s on %s', i.indexrelid::regclass, r.name),
           'Make org_id its first column, or index an expression, as lower(slug)'
    FROM pg_index AS i
    JOIN admin.audited_relations() AS r ON r.relation = i.indrelid
    JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE r.is_tenants AND NOT i.indisunique AND NOT i.indisexclusion AND i.indkey[0] IS DISTINCT FROM r.org_column AND a.atttypid <> 'xid8'::regtype
      AND EXISTS (
          SELECT FROM admin.audited_grants() AS g
          WHERE g.relation = r.relation AND g.privilege = 'SELECT' AND g.grantee IS DISTINCT FROM to_regrole('ark_system')::oid)
$$;

COMMENT ON FUNCTION admin.audit_keys() IS 'For admin.security_audit: foreign and unique keys. Example: SELECT object, fix FROM admin.audit_keys();';
REVOKE EXECUTE ON FUNCTION admin.audit_keys() FROM PUBLIC;
