SET LOCAL ROLE ark_owner;

-- Everything that is not PostgreSQL's, an extension's or the tests' own (schema tap): a schema that is
-- added later is audited without a word here.
CREATE OR REPLACE FUNCTION admin.audited_relations()
RETURNS TABLE (
    relation oid, name text, kind "char", owner oid, acl aclitem[], org_column smallint,
    is_tenants boolean, is_shared boolean, is_secured boolean, is_forced boolean, is_partition boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH found AS (
        SELECT c.*, format('%I.%I', n.nspname, c.relname) AS name,
               -- What names the organisation of a row; the table of organisations is named by its key.
               (SELECT a.attnum FROM pg_attribute AS a
                WHERE a.attrelid = c.oid AND NOT a.attisdropped
                  AND a.attname = CASE WHEN n.nspname = 'core' AND c.relname = 'organizations'
                                       THEN 'id' ELSE 'org_id' END) AS org_column
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'tap')
          AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
          AND NOT EXISTS (
              SELECT FROM pg_depend AS d
              WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    )
    SELECT f.oid, f.name, f.relkind, f.relowner, f.relacl, f.org_column,
           -- Whose rows belong to organisations: by a column, by a key that leads there, or because it
           -- has policies, as core.users.
           f.relkind IN ('r', 'p') AND (
               f.org_column IS NOT NULL
               OR f.relrowsecurity
               OR EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = f.oid)
               OR EXISTS (
                   SELECT FROM pg_constraint AS k
                   JOIN found AS r ON r.oid = k.confrelid
                   WHERE k.conrelid = f.oid AND k.contype = 'f' AND r.org_column IS NOT NULL)),
           -- The same for all organisations and meant to be read by them.
           f.name IN ('config.key_schema'),
           f.relrowsecurity, f.relforcerowsecurity, f.relispartition
    FROM found AS f
$$;

COMMENT ON FUNCTION admin.audited_relations() IS
    'For admin.security_audit: the tables, views and sequences that are audited; is_tenants: rows belong to organisations; is_shared: may be read without row-level security. Example: SELECT name FROM admin.audited_relations() WHERE is_tenants;';
REVOKE EXECUTE ON FUNCTION admin.audited_relations() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.audited_relations() TO ark_system;
