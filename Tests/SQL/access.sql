-- Why rows are visible, and whether everything is ready.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id AS id;
SELECT is(do_as('app', id::text, $$SELECT (api.create_project('p')).name$$), 'p', 'a row') FROM org;

CREATE FUNCTION tap.verdict(p_login name, p_table text) RETURNS text LANGUAGE sql AS $$
    SELECT e.answer || '; ' || e.detail FROM org, admin.explain_access(p_login, p_table::regclass, org.id) AS e WHERE e.question LIKE 'Does it see the rows%'
$$;
SELECT is(tap.verdict(login, 'core.projects'), verdict, login || ' and projects')
FROM (VALUES
    ('app', 'yes; while app.current_org is that organisation; there are 1'),
    ('app_strict', 'yes; in a session of that organisation; there are 1'),
    ('app_ro', 'yes; while app.current_org is that organisation; there are 1'),
    ('postgres', 'yes; always; there are 1'),
    ('ark_backup', 'yes; always; there are 1'),
    ('pod_ai', 'no; it may not SELECT; there are 1'),
    ('bridge', 'no; it may not SELECT; there are 1')
) AS v (login, verdict);
SELECT is(tap.verdict('app', 'auth.sessions'), 'no; it may not SELECT; there are none', 'app and sessions');
-- The explanation is true.
SELECT is(
    EXISTS (SELECT FROM admin.explain_access(login, 'core.projects', org.id) AS e WHERE e.question LIKE 'Does it see the rows%' AND e.answer = 'yes'),
    try_as(login, org.id::text, 'SELECT count(*) FROM core.projects') = '1', 'true for ' || login)
FROM org, unnest(ARRAY['app', 'app_ro', 'postgres', 'ark_backup', 'pod_ai', 'bridge', 'provisioner', 'gateway', 'monitor', 'auditor', 'dba']) AS login;
SELECT ok(EXISTS (SELECT FROM org, admin.explain_access('app', 'core.projects', org.id) WHERE question = 'Policy scope_all_current_org' AND answer = 'hides rows unless'), 'the policies are shown');
SELECT throws_ok('SELECT admin.explain_access(''nobody'', ''core.notes'', 1)', '42704', NULL, 'no such login');
SELECT throws_ok('SELECT admin.explain_access(''app'', ''core.nothing'', 1)', '42P01', NULL, 'no such table');
SELECT is(try_as(login, NULL, $$SELECT admin.explain_access('app', 'core.notes', 1)$$), '42501', login || ' is told nothing')
FROM unnest(ARRAY['app', 'app_strict', 'pod_ai', 'gateway']) AS login;
ALTER TABLE core.projects NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;
SELECT is(tap.verdict('app', 'core.projects'), 'yes; always; there are 1', 'a table without row-level security');

-- The checklist says what is missing. (That it is ready, with daemons, is shown where they run.)
SELECT is(try_as('monitor', NULL, $$SELECT item FROM admin.ready() WHERE NOT ok$$), 'row-level security,bridge and Redis,provisioner,point-in-time recovery', 'what is not ready');
SELECT is(try_as('dba', NULL, $$SELECT detail FROM admin.ready() WHERE item = 'row-level security'$$), 'not enforced on core.projects', 'and why');
ALTER TABLE core.projects ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SELECT is(try_as('dba', NULL, $$SELECT ok || detail FROM admin.ready() WHERE item = 'row-level security'$$), 'trueenforced on every table of tenants', 'mended');

SELECT * FROM finish();
