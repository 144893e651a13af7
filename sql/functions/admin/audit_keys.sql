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
    WHERE k.contype = 'f' AND f.org_column IS NOT NULL AND NOT EXISTS (
        SELECT FROM unnest(k.conkey, k.confkey) AS pair (own, theirs)
        WHERE pair.own = r.org_column AND pair.theirs = f.org_column)
    UNION ALL
    -- Who gets 23505 knows what another organisation has. The table of organisations itself is one list.
    SELECT 'unique key that crosses organisations', 'error', format('%s on %s', i.indexrelid::regclass, r.name),
           'Make org_id its first column'
    FROM pg_index AS i
    JOIN admin.audited_relations() AS r ON r.relation = i.indrelid
    WHERE (i.indisunique OR i.indisexclusion) AND r.org_column IS NOT NULL AND r.name <> 'core.organizations'
      AND r.org_column <> ALL ((i.indkey::smallint[])[0:i.indnkeyatts - 1])
$$;

COMMENT ON FUNCTION admin.audit_keys() IS 'For admin.security_audit: foreign and unique keys. Example: SELECT object, fix FROM admin.audit_keys();';
REVOKE EXECUTE ON FUNCTION admin.audit_keys() FROM PUBLIC;
