-- Why rows are visible, or not: the explanation against the truth.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id AS id;
SELECT is(do_as('app', id::text, $$SELECT (api.create_project('p')).name$$), 'p', 'a row') FROM org;

CREATE FUNCTION tap.verdict(p_login name, p_table text) RETURNS text LANGUAGE sql AS $$
    SELECT e.answer || '; ' || e.detail FROM org, admin.explain_access(p_login, p_table, org.id) AS e WHERE e.question LIKE 'Does it see the rows%'
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

-- What the catalog was made to say, the login sees, and the explanation says.
CREATE FUNCTION tap.explained(p_org bigint, VARIADIC p_statements text[]) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_text text;
BEGIN
    BEGIN
        FOREACH v_text IN ARRAY p_statements LOOP
            EXECUTE v_text;
        END LOOP;
        v_text := (SELECT e.answer || '; ' || e.detail FROM admin.explain_access('app', 'core.projects', p_org) AS e WHERE e.question LIKE 'Does it see the rows%');
        RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = format('%s (%s)', v_text, try_as('app', p_org::text, 'SELECT count(*) FROM core.projects'));
    EXCEPTION WHEN SQLSTATE 'TAP00' THEN
        RETURN SQLERRM;
    END;
END
$$;
SELECT is(tap.explained(id, VARIADIC statements), explanation, explanation)
FROM org, (VALUES
    (ARRAY[]::text[], 'yes; while app.current_org is that organisation; there are 1 (1)'),
    (ARRAY['ALTER TABLE core.projects NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY'], 'yes; always; there are 1 (1)'),
    (ARRAY['REVOKE USAGE ON SCHEMA core FROM PUBLIC, ark_app'], 'no; it may not use the schema; there are 1 (42501)'),
    (ARRAY['REVOKE SELECT ON core.projects FROM ark_app'], 'no; it may not SELECT; there are 1 (42501)'),
    (ARRAY['CREATE POLICY never ON core.projects AS RESTRICTIVE TO ark_app USING (false)'], 'no; policies hide them; there are 1 (0)'),
    (ARRAY['CREATE POLICY other ON core.projects AS RESTRICTIVE TO ark_app USING (name <> ''p'')'], 'no; policies hide them; there are 1 (0)'),
    (ARRAY['INSERT INTO core.projects (org_id, name) SELECT id, ''q'' FROM org', 'CREATE POLICY other ON core.projects AS RESTRICTIVE TO ark_app USING (name <> ''p'')'],
        'yes; policies hide 1 of them; there are 2 (1)'),
    (ARRAY['DROP POLICY ark_app_all_current_org ON core.projects'], 'no; no policy shows it anything; there are 1 (0)')
) AS v (statements, explanation);
SELECT is(tap.explained(77, VARIADIC '{}'), 'no; there is no such organisation; there are none (0)', 'an organisation that is not there');
SELECT is(try_as('dba', '5', $$SELECT current_setting('app.current_org') FROM admin.explain_access('app', 'core.projects', 1) LIMIT 1$$), '5', 'the session keeps its organisation');

SELECT is(tap.explained(id, VARIADIC statements), explanation, array_to_string(statements, '; '))
FROM org, (VALUES
    (ARRAY['REVOKE SELECT ON core.projects FROM ark_app', 'GRANT SELECT (org_id, id) ON core.projects TO ark_app'], 'yes; while app.current_org is that organisation; there are 1 (1)'),
    (ARRAY['GRANT ark_owner TO app'], 'yes; while app.current_org is that organisation; there are 1 (1)')) AS v (statements, explanation);
SELECT is((SELECT answer FROM org, admin.explain_access('ark_app', 'core.projects', org.id) WHERE question = 'Can it log in?'), 'no', 'a group does not log in');
SELECT is((SELECT count(*) FROM org, admin.explain_access('app_strict', 'core.projects', org.id) WHERE question ~ '^Policy role_'), 0::bigint, 'only policies of SELECT are shown');
BEGIN;
GRANT TRUNCATE ON core.projects TO ark_app;
SELECT matches((SELECT answer FROM org, admin.explain_access('app', 'core.projects', org.id) WHERE question LIKE 'What may it do%'), 'TRUNCATE', 'TRUNCATE is told');
ROLLBACK;
BEGIN;
CREATE POLICY never ON core.users AS RESTRICTIVE TO ark_app USING (false);
SELECT matches((SELECT answer || '; ' || detail FROM org, admin.explain_access('app', 'core.users', org.id) WHERE question LIKE 'Does it see%'), '^no; ', 'users, which have no org_id, are asked for, too');
ROLLBACK;
SELECT unalike((SELECT detail FROM org, admin.explain_access('app', 'config.key_schema', org.id) WHERE question LIKE 'Does it see%'), '%there are ', 'what was not counted has no half sentence');
BEGIN;
UPDATE core.organizations SET status = 'SUSPENDED', namespace_uid = 'u', committed_at = now() FROM org WHERE organizations.id = org.id;
SELECT matches((SELECT answer || '; ' || detail FROM org, admin.explain_access('app_strict', 'core.projects', org.id) WHERE question LIKE 'Does it see%'), '^no; .*SUSPENDED', 'no session in a suspended organisation');
ROLLBACK;
SELECT is(try_as('dba', NULL, format($$SELECT count(*) > 0 FROM admin.explain_access('app', 'auth.sessions', %s)$$, id)), 'true', 'an administrator may ask about every table') FROM org;

SELECT * FROM finish();
