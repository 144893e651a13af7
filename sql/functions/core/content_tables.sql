SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION core.content_tables(p_schema name)
RETURNS TABLE (relation regclass, exported text, columns name[], key name[], is_referenced boolean, rank integer)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE content AS (
        SELECT t.relation, t.name FROM admin.tenant_tables() AS t
        WHERE t.treatment = 'content'
          AND t.name NOT IN ('core.organizations', 'core.users', 'core.memberships', 'config.service_configs')
    ), reference AS (
        SELECT DISTINCT k.conrelid, k.confrelid
        FROM pg_constraint AS k
        JOIN content AS c ON c.relation = k.conrelid
        JOIN content AS f ON f.relation = k.confrelid
        WHERE k.contype = 'f' AND k.conrelid <> k.confrelid
    ), depth AS (
        SELECT c.relation, 0 AS depth FROM content AS c
        UNION
        -- A circle of keys ends where it is longer than there are tables.
        SELECT r.conrelid, d.depth + 1 FROM depth AS d JOIN reference AS r ON r.confrelid = d.relation
        WHERE d.depth < (SELECT count(*) FROM content)
    )
    SELECT c.relation::regclass, e.exported,
           -- Those that both have: an export may come from before a migration.
           ARRAY(SELECT a.attname FROM pg_attribute AS a
                 JOIN pg_attribute AS x ON x.attrelid = to_regclass(e.exported) AND x.attname = a.attname AND NOT x.attisdropped
                 WHERE a.attrelid = c.relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attname <> 'org_id'
                 ORDER BY a.attnum),
           ARRAY(SELECT a.attname FROM pg_index AS i
                 JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
                 WHERE i.indrelid = c.relation AND i.indisprimary AND a.attname <> 'org_id'
                 ORDER BY a.attnum),
           EXISTS (SELECT FROM pg_constraint AS k WHERE k.confrelid = c.relation AND k.contype = 'f'),
           (SELECT max(d.depth) FROM depth AS d WHERE d.relation = c.relation)
    FROM content AS c
    CROSS JOIN LATERAL (SELECT format('%I.%I', p_schema, replace(c.name, '.', '_')) AS exported) AS e
    ORDER BY 6, 2
$$;

COMMENT ON FUNCTION core.content_tables(name) IS
    'The tables that an import writes row by row, in the order of their foreign keys: the table, its copy in the export, the columns that both have, the key within the organisation, whether others refer to it.';
REVOKE EXECUTE ON FUNCTION core.content_tables(name) FROM PUBLIC;
