-- Strict mode: the organisation comes from a session's handle, whatever SQL is injected.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS
SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id AS acme,
       (api.create_organization(gen_random_uuid(), 'Beta', 'b@beta.example')).id AS beta;
CREATE TEMP TABLE person (role text, org_id bigint, user_id bigint, handle text);
INSERT INTO person (role, org_id, user_id)
SELECT r.role, o.acme, (core.add_member(o.acme, r.role || '@acme.example', r.role, r.role)).user_id
FROM org AS o, unnest(ARRAY['owner', 'admin', 'member', 'viewer']) AS r (role);
UPDATE person SET handle = do_as('gateway', NULL, format('SELECT api.open_session(%s, %s)', org_id, user_id));
GRANT SELECT ON person TO PUBLIC;

CREATE FUNCTION tap.handle(p_role text) RETURNS text LANGUAGE sql AS 'SELECT handle FROM person WHERE role = p_role';

-- A statement in the transaction of a session, after an injected one.
CREATE FUNCTION tap.strictly(p_handle text, p_statement text, p_injected text DEFAULT 'SELECT', p_login name DEFAULT 'app_strict')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_result text;
BEGIN
    BEGIN
        PERFORM tap.become(p_login, NULL);
        EXECUTE 'SELECT api.begin_request($1)' USING p_handle;
        EXECUTE p_injected;
        RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = tap.outcome(p_statement);
    EXCEPTION WHEN SQLSTATE 'TAP00' THEN
        RETURN SQLERRM;
    WHEN OTHERS THEN
        RETURN SQLSTATE;
    END;
END
$$;

SELECT matches(tap.handle('owner'), '^ark1\.[0-9]+\.[0-9a-f]{64}$', 'a handle');
SELECT is((SELECT count(*) FROM auth.sessions AS s, person AS p WHERE s::text LIKE '%' || split_part(p.handle, '.', 3) || '%'), 0::bigint,
    'which is stored nowhere');

SELECT is(tap.strictly(tap.handle('viewer'), 'SELECT slug FROM organizations'), 'acme', 'a session sees its organisation');
SELECT is(tap.strictly(NULL, 'SELECT 1'), '28000', 'no session is refused');
SELECT is(tap.strictly(overlay(tap.handle('viewer') PLACING 'x' FROM 20), 'SELECT 1'), '28000', 'nor a forged handle');
SELECT is(tap.strictly('ark1.' || beta || '.' || split_part(tap.handle('viewer'), '.', 3), 'SELECT 1'), '28000',
    'nor one that names another organisation') FROM org;
SELECT is(try_as('app_strict', beta::text, 'SELECT slug FROM organizations'), '', 'without a session nothing is seen, whatever is SET') FROM org;
SELECT is(try_as('app_strict', beta::text, $$SELECT api.create_project('x')$$), '28000', 'and what is missing is told') FROM org;

SELECT is(tap.strictly(tap.handle('viewer'), 'SELECT slug FROM organizations', injected), 'acme', 'injected: ' || injected)
FROM org, unnest(ARRAY[
    'SET app.current_org = ' || beta, 'SET LOCAL app.current_org = ' || beta,
    format('SELECT set_config(''app.current_org'', ''%s'', false)', beta),
    'SET ROLE ark_app_strict', 'SET LOCAL row_security = on']) AS injected;
SELECT is(tap.strictly(tap.handle('viewer'), 'SELECT slug FROM core.organizations', injected), outcome, 'injected: ' || injected)
FROM (VALUES
    ('SET app.session = ''ark1.2.0000000000000000000000000000000000000000000000000000000000000000''', ''),
    ('RESET app.session', ''),
    ('SET search_path = public', 'acme'),
    ('SET ROLE ark_app', '42501'),
    ('SET ROLE ark_system', '42501'),
    ('SET row_security = off', '42501'),
    ('SELECT api.open_session(2, 1)', '42501'),
    ('SELECT * FROM auth.sessions', '42501'),
    ('SELECT query FROM pg_stat_activity', '42501'),
    ('SELECT pg_stat_get_backend_activity(1)', '42501'),
    ('SELECT pg_terminate_backend(1)', '42501'),
    ('SELECT pg_cancel_backend(1)', '42501'),
    ('CREATE TEMP TABLE organizations (slug text)', '42501'),
    ('CREATE FUNCTION core.current_org() RETURNS bigint LANGUAGE sql AS ''SELECT 2''', '42501')
) AS v (injected, outcome);

-- In both groups: strict all the same. In one transaction, so that no other test's audit finds it.
BEGIN;
CREATE ROLE both_groups LOGIN;
GRANT ark_app, ark_app_strict TO both_groups;
SELECT is(try_as('both_groups', beta::text, 'SELECT slug FROM organizations'), '', 'a login in both groups is strict') FROM org;
SELECT is(tap.strictly(tap.handle('viewer'), 'SELECT slug FROM organizations', 'SET app.current_org = ' || beta, 'both_groups'), 'acme',
    'and stays where its session is') FROM org;
SELECT is(tap.strictly(tap.handle('viewer'), 'SELECT slug FROM organizations', 'SET ROLE ark_app', 'both_groups'), 'acme',
    'also as one of its groups');
DROP ROLE both_groups;
COMMIT;

-- Others of the names that core.current_org uses, put first.
CREATE SCHEMA evil;
CREATE FUNCTION evil.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT (SELECT beta FROM org)::text $$;
CREATE FUNCTION evil.pg_has_role(name, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE FUNCTION evil.yes(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR evil.~ (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.yes);
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.yes);
CREATE DOMAIN evil.int8 AS pg_catalog.int8 DEFAULT 2;
CREATE DOMAIN evil.text AS pg_catalog.text DEFAULT '2';
CREATE FUNCTION evil.is_strict() RETURNS boolean LANGUAGE sql AS 'SELECT false';
GRANT USAGE ON SCHEMA evil TO PUBLIC;
GRANT SELECT ON org TO PUBLIC;
SELECT is(tap.strictly(tap.handle('viewer'), 'SELECT slug FROM core.organizations', 'SET search_path = evil, pg_catalog'), 'acme', 'no other names get in the way');
SELECT is(try_as('app', NULL, 'SELECT id::pg_catalog.text || current_setting(''x'', true) FROM core.organizations'), '', 'nor in plain mode');
CREATE FUNCTION tap.plainly(p_org pg_catalog.text) RETURNS pg_catalog.text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tap.become('app', p_org);
    SET LOCAL search_path = evil, pg_catalog;
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = coalesce((SELECT string_agg(slug, ',') FROM core.organizations), 'none');
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
END
$$;
SELECT is(tap.plainly(acme::text), 'acme', 'plain mode: its own organisation') FROM org;
SELECT is(tap.plainly(NULL), 'none', 'plain mode: nothing without a setting');
DROP SCHEMA evil CASCADE;

-- What the role allows.
SELECT is(tap.strictly(tap.handle(role), statement), outcome, format('%s: %s', role, statement))
FROM (VALUES
    ('viewer', $$SELECT api.create_project('x')$$, '42501'),
    ('viewer', $$INSERT INTO projects (name) VALUES ('x')$$, '42501'),
    ('viewer', $$DELETE FROM projects$$, '0 rows'),
    ('member', $$SELECT (api.create_project('x')).name$$, 'x'),
    ('member', $$INSERT INTO projects (name) VALUES ('x')$$, '1 row'),
    ('member', $$SELECT api.set_config('ai', 'threshold', '0.5', 'r')$$, '42501'),
    ('member', $$INSERT INTO service_configs (service, key, value) VALUES ('ai', 'threshold', '0.5')$$, '42501'),
    ('admin', $$SELECT (api.set_config('ai', 'threshold', '0.5', 'r')).version$$, '1'),
    ('owner', $$SELECT (api.set_config('ai', 'threshold', '0.5', 'r')).version$$, '1')
) AS v (role, statement, outcome);
-- Who did it is the session's user, whatever is claimed.
SELECT is(tap.strictly(tap.handle('admin'), 'SELECT changed_by FROM config_history WHERE service = ''ai''',
    $$SELECT api.set_config('ai', 'threshold', '0.5', 'r', p_actor => 'somebody else')$$), 'admin@acme.example', 'nobody acts as somebody else');

-- Who asks for a quota is the session's user, too.
SELECT is(tap.strictly(tap.handle('owner'), 'SELECT actor FROM quota_changes ORDER BY change_id DESC LIMIT 1',
    $$SELECT api.request_quota(p_cpu => '12', p_reason => 'r', p_actor => 'ceo')$$), 'owner@acme.example', 'nobody asks for a quota as somebody else');
SELECT is(tap.strictly(tap.handle('viewer'), statement), '42501', 'viewer: ' || statement)
FROM unnest(ARRAY[$$SELECT api.request_quota(p_cpu => '12', p_reason => 'r')$$, $$SELECT api.remove_member(1, 'r')$$, $$SELECT api.rename_member(1, 'x')$$,
    $$SELECT api.edit_note(1, 'x')$$, $$SELECT api.delete_note(1)$$, $$SELECT api.delete_project(1)$$, $$SELECT api.rename_project(1, 'x')$$]) AS statement;
-- With rows that are there: a viewer changes none of them, a member no configuration.
CREATE TEMP TABLE there AS SELECT do_as('app', acme::text, $$SELECT (api.create_note((api.create_project('there')).id, 'x')).id || (api.set_config('ai', 'threshold', '0.5', 'r')).key$$) AS made FROM org;
SELECT is(tap.strictly(tap.handle(role), statement), outcome, format('%s: %s', role, statement))
FROM (VALUES
    ('viewer', 'UPDATE projects SET name = ''y''', '0 rows'), ('viewer', 'DELETE FROM projects WHERE id NOT IN (SELECT project_id FROM notes)', '0 rows'),
    ('viewer', 'UPDATE notes SET content = ''y''', '0 rows'), ('viewer', 'DELETE FROM notes', '0 rows'),
    ('member', 'UPDATE service_configs SET value = ''0.13'' WHERE service = ''ai''', '0 rows'), ('viewer', 'UPDATE service_configs SET value = ''0.13'' WHERE service = ''ai''', '0 rows'),
    ('owner', 'UPDATE service_configs SET value = ''0.13'' WHERE service = ''ai''', '1 row'), ('owner', 'UPDATE notes SET content = ''y''', '1 row'), ('owner', 'DELETE FROM notes', '1 row')) AS v (role, statement, outcome);

-- A session ends at once.
SELECT is(tap.strictly(tap.handle('viewer'), 'SELECT slug FROM organizations', format('SELECT api.end_session(%L)', tap.handle('viewer'))), '',
    'an ended session sees nothing, in a transaction that has begun');
UPDATE auth.sessions SET expires_at = clock_timestamp() - interval '1 s' WHERE user_id = (SELECT user_id FROM person WHERE role = 'viewer');
SELECT is(tap.strictly(tap.handle('viewer'), 'SELECT 1'), '28000', 'an expired session is refused');
DELETE FROM core.memberships WHERE user_id = (SELECT user_id FROM person WHERE role = 'member');
SELECT is(tap.strictly(tap.handle('member'), 'SELECT 1'), '28000', 'so is that of a former member');
SELECT is(try_as('gateway', NULL, format('SELECT api.open_session(%s, %s)', org_id, user_id)), '42501', 'who can open none')
FROM person WHERE role = 'member';
SELECT is(try_as(login, NULL, format('SELECT api.open_session(%s, %s)', org_id, user_id)), '42501', login || ' opens no session')
FROM person, unnest(ARRAY['app', 'app_strict', 'app_ro', 'pod_ai', 'bridge', 'provisioner']) AS login WHERE role = 'owner';

-- For plain logins it is a convenience, for the transaction only.
SELECT is(tap.strictly(tap.handle('owner'), 'SELECT slug FROM organizations', p_login => 'app'), 'acme', 'plain logins may use a session, too');

-- Verified by every statement: not where one snapshot holds for all of them.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT throws_ok(format('SELECT api.begin_request(%L)', tap.handle('owner')), '55000', NULL, 'no session under REPEATABLE READ');
SELECT set_config('app.session', tap.handle('owner'), true);
SELECT is((SELECT org_id FROM core.session()), NULL, 'nor one that is SET there');
COMMIT;
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT lives_ok(format('SELECT api.begin_request(%L)', tap.handle('owner')), 'but under READ COMMITTED');
COMMIT;

-- Every function that writes, by the role that is one too low for it.
SELECT is(tap.strictly(tap.handle('admin'), format('SELECT %s', replace(replace(call, '{u}', user_id::text), '{r}', '''r'''))) = '42501', false, 'an admin may: ' || call)
FROM (VALUES ('api.request_quota(p_cpu => ''12'', p_reason => {r})'), ('api.rename_member({u}, ''X'')'), ('api.remove_member({u}, {r})'), ('api.change_role({u}, ''member'', {r})'),
    ('api.invite_member(''n@acme.example'', ''N'')'), ('api.set_config(''ai'', ''threshold'', ''0.4'', {r})'), ('api.rollback_config(''ai'', ''threshold'', 1, {r})')) AS f (call), person WHERE role = 'viewer';
SELECT is(tap.strictly(h.handle, format('SELECT %s', replace(replace(call, '{u}', user_id::text), '{r}', '''r'''))), '42501', 'a member may not: ' || call)
FROM (VALUES ('api.request_quota(p_cpu => ''12'', p_reason => {r})'), ('api.rename_member({u}, ''X'')'), ('api.remove_member({u}, {r})'), ('api.change_role({u}, ''member'', {r})'),
    ('api.invite_member(''n@acme.example'', ''N'')'), ('api.set_config(''ai'', ''threshold'', ''0.4'', {r})'), ('api.rollback_config(''ai'', ''threshold'', 1, {r})')) AS f (call), person,
    (SELECT do_as('gateway', NULL, format('SELECT api.open_session(%s, %s)', org_id, user_id)) AS handle FROM (
        SELECT acme AS org_id, (core.add_member(acme, 'second@acme.example', 'M', 'member')).user_id FROM org) AS m) AS h WHERE role = 'viewer';
SELECT is(tap.strictly(h.handle, 'SELECT ' || call), '42501', 'a viewer may not: ' || call)
FROM (VALUES ('api.move_note(1, 1)'), ('api.create_note(1, ''x'')'), ('api.create_document(1, ''x'')'), ('api.rename_document(1, ''x'')'), ('api.move_document(1, 1)'), ('api.delete_document(1)'), ('api.create_project(''x'')')) AS f (call),
    (SELECT do_as('gateway', NULL, format('SELECT api.open_session(%s, %s)', org_id, user_id)) AS handle FROM (
        SELECT acme AS org_id, (core.add_member(acme, 'third@acme.example', 'V', 'viewer')).user_id FROM org) AS m) AS h;
SELECT is(try_as('gateway', NULL, format('SELECT length(api.open_session(%s, %s, %L)) > 0', org_id, user_id, lifetime)), outcome, 'a session for ' || lifetime)
FROM person, (VALUES ('90 days', 'true'), ('90 days 1 s', '22023'), ('0', '22023'), ('-1 s', '22023')) AS v (lifetime, outcome) WHERE role = 'owner';
BEGIN;
UPDATE core.organizations SET status = 'SUSPENDED', namespace_uid = 'u', committed_at = now() FROM org WHERE id = acme;
SELECT is(try_as('gateway', NULL, format('SELECT api.open_session(%s, %s)', org_id, user_id)), '42501', 'no session in a suspended organisation') FROM person WHERE role = 'owner';
ROLLBACK;
SELECT is(do_as('app_strict', NULL, format('SELECT api.end_session(%L)', tap.handle('owner'))), 'true', 'a session ends');
SELECT is(do_as('app_strict', NULL, format('SELECT api.end_session(%L)', tap.handle('owner'))), 'false', 'once');
SELECT is(try_as('app_strict', NULL, $$SELECT core.actor() FROM (SELECT set_config('app.actor', 'ceo', true)) AS s (a) WHERE a = 'ceo'$$), 'app_strict', 'a strict login claims nothing, without a session either');

SELECT * FROM finish();
