-- Plans: row-level security asks for the organisation once per statement, not per row, and a tenant's
-- query finds its rows by an index that begins with org_id. For every table that an application may
-- read, as the catalog lists them: one that is added later is covered without a line here.
SELECT * FROM no_plan();

-- 60 organisations, so that reading everything is no bargain.
SELECT count(*) FROM (
    SELECT (api.create_organization(gen_random_uuid(), 'o' || n, 'o@example.com')).id FROM generate_series(1, 60) AS n) AS o \g /dev/null
INSERT INTO core.users (email) SELECT format('u%s@example.com', n) FROM generate_series(1, 3000) AS n;
INSERT INTO core.memberships (org_id, user_id, name, role)
SELECT o.id, u.id, 'U', 'member' FROM core.organizations AS o JOIN core.users AS u ON u.id % 60 = o.id % 60 WHERE o.id > 0
ON CONFLICT DO NOTHING;
INSERT INTO core.projects (org_id, name) SELECT o.id, 'p' || n FROM core.organizations AS o, generate_series(1, 50) AS n WHERE o.id > 0;
INSERT INTO core.notes (org_id, project_id, content) SELECT p.org_id, p.id, 'n' FROM core.projects AS p, generate_series(1, 4) AS n;
INSERT INTO core.documents (org_id, project_id, file_path) SELECT p.org_id, p.id, format('%s/%s', p.id, n) FROM core.projects AS p, generate_series(1, 2) AS n;
INSERT INTO config.service_configs (org_id, service, key, value)
SELECT o.id, 'features', 'f' || n, 'true' FROM core.organizations AS o, generate_series(1, 40) AS n WHERE o.id > 0;
ANALYZE;

-- The plan of a statement as a login in an organisation; with ANALYZE it is carried out.
CREATE FUNCTION tap.plan_as(p_login name, p_org bigint, p_statement text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    v_own  text := session_user;
    v_plan jsonb;
BEGIN
    PERFORM tap.become(p_login, p_org::text);
    EXECUTE 'EXPLAIN (VERBOSE, COSTS, FORMAT JSON) ' || p_statement INTO v_plan;
    PERFORM tap.become(v_own, NULL);
    RETURN v_plan -> 0 -> 'Plan';
END
$$;

CREATE FUNCTION tap.nodes(p_plan jsonb) RETURNS SETOF jsonb
LANGUAGE sql AS $$
    WITH RECURSIVE node (n) AS (
        VALUES (p_plan) UNION ALL SELECT child FROM node, jsonb_array_elements(n -> 'Plans') AS child)
    SELECT n FROM node
$$;

-- Where a plan calls a function that it must call once only: every node that is not an InitPlan and
-- whose own fields, without its children, name it.
CREATE FUNCTION tap.calls_per_row(p_plan jsonb) RETURNS SETOF text
LANGUAGE sql AS $$
    SELECT n ->> 'Node Type' FROM tap.nodes(p_plan) AS n
    WHERE (n - 'Plans')::text ~ '(current_org|is_strict|session|may)\(' AND n ->> 'Parent Relationship' IS DISTINCT FROM 'InitPlan'
$$;

-- How often a statement calls core.current_org().
CREATE FUNCTION tap.calls_as(p_login name, p_org bigint, p_statement text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_own    text := session_user;
    v_before bigint;
BEGIN
    v_before := tap.calls();
    PERFORM tap.become(p_login, p_org::text), tap.outcome(p_statement), tap.become(v_own, NULL);
    RETURN tap.calls() - v_before;
END
$$;
CREATE FUNCTION tap.calls() RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_xact_user_functions WHERE schemaname = 'core' AND funcname = 'current_org'
$$;
SET track_functions = 'all';

-- Every table that somebody's policies show one organisation's rows of, and the column that says whose
-- row it is; users belong to several.
CREATE TEMP TABLE tenant AS
SELECT c.oid::regclass AS name, l.login::name,
    (SELECT a.attname FROM pg_attribute AS a
     WHERE a.attrelid = c.oid AND NOT a.attisdropped
       AND a.attname = CASE c.oid WHEN 'core.organizations'::regclass THEN 'id' ELSE 'org_id' END) AS org_column
FROM pg_class AS c, unnest(ARRAY['app', 'app_ro', 'dba']) AS l (login)
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relrowsecurity
  AND has_any_column_privilege(l.login, c.oid, 'SELECT');
SELECT cmp_ok((SELECT count(DISTINCT name) FROM tenant), '>=', 10::bigint, 'the tables are found');

SELECT is_empty(format($$SELECT calls_per_row(plan_as(%L, 7, 'SELECT * FROM %s'))$$, login, name),
    format('%s of %s: the organisation is asked for in an InitPlan only', login, name))
FROM tenant ORDER BY 1;
SELECT ok(EXISTS (
        SELECT FROM nodes(plan_as(login, 7, format('SELECT * FROM %s', name))) AS n
        WHERE n ->> 'Parent Relationship' = 'InitPlan' AND n -> 'Output' @> '["current_org()"]'),
    format('%s of %s: and it is asked for', login, name))
FROM tenant ORDER BY 1;
-- None where the table is empty.
SELECT cmp_ok(calls_as(login, 7, format('SELECT count(*) FROM %s', name)), '<=', 1::bigint, format('%s of %s: one call, whatever the number of rows', login, name))
FROM tenant WHERE org_column IS NOT NULL ORDER BY name, login;
SELECT is(calls_as('app', 7, 'SELECT count(*) FROM ' || name), 1::bigint, name || ': one call for many rows')
FROM unnest(ARRAY['organizations', 'memberships', 'projects', 'notes', 'documents', 'service_configs', 'config_history', 'quota_changes']) AS name;

-- Writing: a constant number, however many rows.
SELECT is(calls_as('app', 7, format('UPDATE notes SET content = content WHERE id IN (SELECT id FROM notes LIMIT %s)', rows)),
    calls_as('app', 7, 'UPDATE notes SET content = content WHERE id IN (SELECT id FROM notes LIMIT 1)'),
    format('an UPDATE of %s rows calls it as often as one of one', rows))
FROM unnest(ARRAY[10, 100]) AS rows;
SELECT is_empty(format($$SELECT calls_per_row(plan_as('app', 7, %L))$$, statement), statement)
FROM unnest(ARRAY[
    'UPDATE notes SET content = ''x''', 'DELETE FROM notes WHERE project_id = 5',
    'INSERT INTO notes (org_id, project_id, content) SELECT org_id, project_id, ''x'' FROM notes',
    'SELECT * FROM notes JOIN projects ON projects.id = notes.project_id JOIN documents USING (project_id)'
]) AS statement;

-- An index that begins with the organisation. For tables with few rows here the planner may rightly
-- read them whole, so it is asked what it would do if it could not.
CREATE FUNCTION tap.is_led_by_org(p_plan jsonb, p_table regclass, p_column name) RETURNS boolean
LANGUAGE sql AS $$
    SELECT EXISTS (
            SELECT FROM tap.nodes(p_plan) AS n
            JOIN pg_index AS i ON i.indexrelid = to_regclass(format('%I.%I', (SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = p_table), n ->> 'Index Name'))
            JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND a.attname = p_column
            WHERE i.indrelid IN (SELECT relid FROM pg_partition_tree(p_table) UNION SELECT p_table) AND n ->> 'Index Cond' LIKE format('%%%s = $%%', p_column))
        AND NOT EXISTS (
            SELECT FROM tap.nodes(p_plan) AS n
            WHERE n ->> 'Node Type' = 'Seq Scan' AND format('%I.%I', n ->> 'Schema', n ->> 'Relation Name')::regclass IN (SELECT relid FROM pg_partition_tree(p_table) UNION SELECT p_table))
$$;
SET enable_seqscan = off;
SELECT ok(is_led_by_org(plan_as(login, 7, format('SELECT * FROM %s', name)), name, org_column),
    format('%s of %s: there is an index led by %s', login, name, org_column))
FROM tenant WHERE org_column IS NOT NULL ORDER BY name, login;
RESET enable_seqscan;
SELECT ok(is_led_by_org(plan_as('app', 7, statement), relation::regclass, 'org_id'), statement)
FROM (VALUES
    ('core.notes', 'SELECT * FROM notes'),
    ('core.notes', 'SELECT * FROM notes WHERE project_id = 320'),
    ('core.notes', 'SELECT * FROM notes WHERE id = 1234'),
    ('core.notes', 'SELECT * FROM notes ORDER BY id LIMIT 10'),
    ('core.notes', 'UPDATE notes SET content = ''x'' WHERE id = 1234'),
    ('core.notes', 'DELETE FROM notes WHERE project_id = 320'),
    ('core.notes', 'SELECT n.* FROM notes AS n JOIN projects AS p ON p.id = n.project_id WHERE p.name = ''p7'''),
    ('core.projects', 'SELECT * FROM projects'),
    ('core.documents', 'SELECT * FROM documents WHERE project_id = 320'),
    ('core.documents', 'SELECT * FROM documents WHERE file_path = ''320/1'''),
    ('core.memberships', 'SELECT * FROM memberships'),
    ('config.service_configs', 'SELECT * FROM service_configs WHERE service = ''features'''),
    ('config.service_configs', 'SELECT * FROM service_configs WHERE service = ''features'' AND key = ''f7'''),
    ('config.config_history', 'SELECT * FROM config_history ORDER BY history_id DESC LIMIT 10')
) AS v (relation, statement);
-- Users are of all organisations: they are found through the members, not by reading all of them.
SELECT is_empty($$SELECT n FROM nodes(plan_as('app', 7, 'SELECT * FROM users')) AS n
    WHERE n ->> 'Node Type' = 'Seq Scan'$$, 'users are found through their memberships');

-- The same in strict mode, where the organisation is looked up in the sessions.
SELECT is_empty(format($$SELECT calls_per_row(plan_as('app_strict', NULL, %L))$$, statement), 'strict: ' || statement)
FROM unnest(ARRAY['SELECT * FROM notes', 'UPDATE notes SET content = ''x''', 'DELETE FROM notes', 'SELECT * FROM service_configs']) AS statement;

-- These tests would see it.
CREATE POLICY per_row ON core.notes AS RESTRICTIVE FOR SELECT TO ark_app USING (org_id + 0 = core.current_org());
SELECT isnt_empty($$SELECT calls_per_row(plan_as('app', 7, 'SELECT * FROM notes'))$$, 'a policy without the SELECT shows in the plan');
SELECT cmp_ok(calls_as('app', 7, 'SELECT count(*) FROM notes'), '>', 100::bigint, 'and in the number of calls');
DROP INDEX core.notes_by_project;
ALTER TABLE core.notes DROP CONSTRAINT notes_pkey;
SELECT ok(NOT is_led_by_org(plan_as('app', 7, 'SELECT * FROM notes'), 'core.notes', 'org_id'), 'and so does a missing index');

-- One transaction has written most rows: who asks for those of another one reads its index all the same.
-- Of the whole table a bridge would read it every few milliseconds, and every pod with each change.
SELECT mode() WITHIN GROUP (ORDER BY c.xid::text) AS most FROM config.service_configs AS c \gset
BEGIN;
SELECT pg_stat_get_xact_numscans('config.service_configs'::regclass) AS scans \gset
SELECT is((SELECT count(*) FROM config.changed_by('3')), 0::bigint, 'a transaction that changed nothing');
SELECT cmp_ok((SELECT count(*) FROM config.changed_by(:'most')), '>=', 2400::bigint, 'one that changed most rows');
SELECT is(pg_stat_get_xact_numscans('config.service_configs'::regclass), :scans::bigint, 'are read by their index');
COMMIT;

SELECT * FROM finish();
