-- Sessions with tokens: rotation and reuse of refresh tokens, access tokens that are denied.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS
SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example', 'acme')).id AS acme,
       (api.create_organization(gen_random_uuid(), 'Beta', 'b@beta.example', 'beta')).id AS beta;
CREATE TEMP TABLE person AS
SELECT r.role, o.acme AS org_id, (core.add_member(o.acme, r.role || '@acme.example', r.role, r.role)).user_id
FROM org AS o, unnest(ARRAY['owner', 'admin', 'member', 'viewer']) AS r (role);
GRANT SELECT ON org, person TO PUBLIC;
-- What the gateway was told, in the order in which it was. Each call commits.
CREATE TEMP TABLE told (n integer GENERATED ALWAYS AS IDENTITY, name text, outcome text, org_id bigint, session_id bigint, user_id bigint,
    email text, role text, permissions text[], jti uuid, issued_at timestamptz, expires_at timestamptz,
    refresh_token text, refresh_expires_at timestamptz, handle text);

CREATE FUNCTION tap.told(p_name text, p_statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_row  record;
    v_self text := session_user;
BEGIN
    PERFORM tap.become('gateway', NULL);
    EXECUTE p_statement INTO v_row;
    PERFORM tap.become(v_self, NULL);
    INSERT INTO told (name, outcome, org_id, session_id, user_id, email, role, permissions, jti, issued_at, expires_at, refresh_token, refresh_expires_at, handle)
    VALUES (p_name, v_row.outcome, v_row.org_id, v_row.session_id, v_row.user_id, v_row.email, v_row.role, v_row.permissions, v_row.jti,
            v_row.issued_at, v_row.expires_at, v_row.refresh_token, v_row.refresh_expires_at, v_row.handle);
    RETURN v_row.outcome;
END
$$;
CREATE FUNCTION tap.sign_in(p_name text, p_role text) RETURNS text LANGUAGE sql AS $$
    SELECT tap.told(p_name, format('SELECT * FROM api.sign_in(%s, %s)', p.org_id, p.user_id)) FROM person AS p WHERE p.role = p_role
$$;
CREATE FUNCTION tap.refresh(p_name text, p_token text) RETURNS text LANGUAGE sql AS $$
    SELECT tap.told(p_name, format('SELECT * FROM api.refresh_session(%L)', p_token))
$$;
-- The last token that a name was told; or one before it.
CREATE FUNCTION tap.token(p_name text, p_back integer DEFAULT 0) RETURNS text LANGUAGE sql AS $$
    SELECT refresh_token FROM told WHERE name = p_name AND refresh_token IS NOT NULL ORDER BY n DESC OFFSET p_back LIMIT 1
$$;
CREATE FUNCTION tap.handle(p_name text) RETURNS text LANGUAGE sql AS 'SELECT handle FROM told WHERE name = p_name ORDER BY n LIMIT 1';
CREATE FUNCTION tap.session(p_name text) RETURNS auth.sessions LANGUAGE sql AS $$
    SELECT s FROM auth.sessions AS s WHERE s.session_id = (SELECT max(t.session_id) FROM told AS t WHERE t.name = p_name)
$$;
-- Which of a name's access tokens are denied, in the order in which they were issued.
CREATE FUNCTION tap.denied(p_name text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(CASE WHEN d.jti IS NULL THEN 'valid' ELSE 'denied' END, ' ' ORDER BY t.n)
    FROM told AS t LEFT JOIN auth.jti_denylist AS d USING (jti) WHERE t.name = p_name AND t.jti IS NOT NULL
$$;
-- What is on the denylist for another time than the token's own: of the tokens that are, at least one.
CREATE FUNCTION tap.until() RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN count(*) = 0 THEN 'nothing is denied' ELSE coalesce(string_agg(format('%s until %s, not %s', t.name, d.expires_at, t.expires_at), ', ') FILTER (WHERE d.expires_at <> t.expires_at), '') END
    FROM told AS t JOIN auth.jti_denylist AS d USING (jti)
$$;
CREATE FUNCTION tap.later(p_name text, p_by interval) RETURNS void LANGUAGE sql AS $$
    UPDATE auth.sessions SET refreshed_at = refreshed_at - p_by, expires_at = expires_at - p_by, access_until = access_until - p_by
    WHERE session_id = (tap.session(p_name)).session_id
$$;
CREATE FUNCTION tap.strictly(p_handle text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tap.become('app_strict', NULL);
    EXECUTE 'SELECT api.begin_request($1)' USING p_handle;
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = tap.outcome('SELECT slug FROM core.organizations');
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;

-- MARK: Signing in

SELECT is(tap.sign_in('a', 'admin'), 'signed in', 'a member signs in');
SELECT is((role, permissions, email, org_id, user_id)::text, format('(admin,"{%s}",admin@acme.example,%s,%s)',
    'data:read,data:write,config:write,members:write,quota:write', p.org_id, p.user_id), 'and the gateway has what it signs')
FROM told AS t JOIN person AS p USING (role, org_id, user_id) WHERE name = 'a';
SELECT is((expires_at - issued_at, issued_at = date_trunc('second', issued_at), refresh_expires_at - clock_timestamp() BETWEEN '89 days 23:59' AND '90 days', jti IS NOT NULL)::text,
    '(01:00:00,t,t,t)', 'for an hour, in whole seconds; the refresh token for 90 days') FROM told WHERE name = 'a';
SELECT is(tap.sign_in('roles ' || role, role), 'signed in', role || ' signs in') FROM person;
SELECT is(permissions, auth.permissions(role), role || ' has the permissions of the role') FROM told WHERE name LIKE 'roles %';
SELECT cmp_ok(cardinality(auth.permissions(a)), '<', cardinality(auth.permissions(b)), b || ' may more than ' || a)
FROM (VALUES ('nobody', 'viewer'), ('viewer', 'member'), ('member', 'admin'), ('admin', 'owner')) AS v (a, b);
SELECT matches(tap.token('a'), '^arkr1\.[0-9]+\.1\.[0-9a-f]{64}\.[0-9a-f]{64}$', 'a refresh token');
SELECT is((SELECT count(*) FROM auth.sessions AS s, told AS t, regexp_split_to_table(t.refresh_token || '.' || t.handle, '\.') AS part
    WHERE length(part) = 64 AND s::text LIKE '%' || part || '%'), 0::bigint, 'no part of which is stored, nor of the handle');
SELECT is(try_as('gateway', NULL, format('SELECT * FROM api.sign_in(%s, %s)', org, person)), '42501', 'not: ' || what)
FROM (SELECT acme, beta, user_id FROM org, person WHERE role = 'owner') AS o,
    LATERAL (VALUES ('a member of another organisation', beta::text, user_id::text), ('nobody', acme::text, '0'), ('NULL', 'NULL', 'NULL')) AS v (what, org, person);
SELECT is(try_as(login, NULL, call), '42501', format('%s: %s', login, call))
FROM unnest(ARRAY['app', 'app_strict', 'app_ro', 'pod_ai', 'bridge', 'provisioner', 'monitor', 'auditor']) AS login,
    unnest(ARRAY['SELECT api.sign_in(1, 1)', 'SELECT api.refresh_session(''x'')', 'SELECT api.revoke_session(1, 1, ''r'')', 'SELECT api.revoke_user(1, 1, ''r'')',
        'SELECT api.revoke_organization(1, ''r'')', 'SELECT api.revoke_token(1, gen_random_uuid())', 'SELECT api.denied_tokens()', 'SELECT api.is_denied(gen_random_uuid())',
        'SELECT api.jwks()', 'SELECT admin.add_signing_key(''k'', ''ES256'', ''x'')', 'SELECT auth.end_sessions(1, NULL, NULL, ''r'')',
        'SELECT * FROM auth.access_tokens', 'SELECT * FROM auth.jti_denylist', 'SELECT * FROM auth.signing_keys']) AS call;
SELECT is(try_as('gateway', NULL, 'SELECT * FROM ' || t), '42501', 'the gateway reads no table: ' || t)
FROM unnest(ARRAY['auth.sessions', 'auth.access_tokens', 'auth.jti_denylist', 'auth.signing_keys']) AS t;

-- MARK: Rotation

SELECT is(tap.refresh('a', tap.token('a')), 'refreshed', 'a refresh');
SELECT is((split_part(tap.token('a'), '.', 3), split_part(tap.token('a'), '.', 4) = split_part(tap.token('a', 1), '.', 4), split_part(tap.token('a'), '.', 5) <> split_part(tap.token('a', 1), '.', 5))::text,
    '(2,t,t)', 'gives the next one of the same family');
SELECT is((count(DISTINCT jti), count(DISTINCT handle), count(DISTINCT session_id))::text, '(2,1,1)', 'another access token in the same session') FROM told WHERE name = 'a';
SELECT is(tap.denied('a'), 'valid valid', 'the access token before it stays valid for its hour');
-- A lost answer: the same question, the same answer.
SELECT is(tap.refresh('a again', tap.token('a', 1)), 'repeated', 'the previous token, at once');
SELECT is(tap.token('a again'), tap.token('a'), 'gets the same refresh token again');
SELECT is(tap.refresh('a again', tap.token('a', 1)), 'repeated', 'and as often as it takes');
SELECT is((tap.session('a')).refresh_counter, 2::bigint, 'nothing has moved');
SELECT is(tap.refresh('a', tap.token('a')), 'refreshed', 'and the session goes on');
SELECT tap.later('a', '29 s');
SELECT is(tap.refresh('a again', tap.token('a', 1)), 'repeated', 'the previous one, 29 seconds later');
-- Sliding.
SELECT tap.later('a', '89 days');
SELECT is(tap.refresh('a', tap.token('a')), 'refreshed', '89 days later');
SELECT ok((tap.session('a')).expires_at > clock_timestamp() + interval '89 days 23 hours', 'the 90 days begin anew');
SELECT tap.later('a', '90 days');
SELECT is(tap.refresh('a', tap.token('a')), 'ended', 'nothing for 90 days: it has ended');
SELECT is(num_nulls(jti, permissions, refresh_token, handle, expires_at), 5, 'and nothing to sign is told with that') FROM told WHERE name = 'a' AND outcome = 'ended';
-- No access token outlives its session.
SELECT is(t.expires_at, date_trunc('second', clock_timestamp() + interval '10 minutes'), 'an access token ends with its session')
FROM told AS x, auth.issue_access_token(x.org_id, x.session_id, clock_timestamp() + interval '10 minutes') AS t WHERE x.name = 'roles owner';

-- MARK: Reuse

SELECT is(tap.sign_in('b', 'member'), 'signed in', 'another session');
SELECT is(tap.refresh('b', tap.token('b')), 'refreshed', 'refreshed');
SELECT tap.later('b', '31 s');
SELECT is(tap.refresh('b thief', tap.token('b', 1)), 'reused', 'the previous token, 31 seconds later');
SELECT isnt((tap.session('b')).ended_at, NULL, 'the session has ended, and that has stayed');
SELECT is((tap.session('b')).end_reason, 'refresh token 1 was used when 2 was the current one', 'and says why');
SELECT is(tap.denied('b'), 'denied denied', 'its access tokens are denied');
SELECT is(tap.until(), '', 'as long as they are valid');
SELECT is(tap.refresh('b', tap.token('b')), 'ended', 'who had the current token has nothing, either');
SELECT is(tap.refresh('b thief', tap.token('b', 1)), 'ended', 'nor the other one');
SELECT is((SELECT detail - 'user_id' || jsonb_build_object('r', reason) FROM core.organization_events WHERE what = 'member' ORDER BY event_id DESC LIMIT 1),
    '{"sessions_ended": 1, "refresh_token_reused": true, "r": "a refresh token was used a second time"}'::jsonb, 'the organisation sees it in its events');
SELECT is((tap.session('roles member')).ended_at, NULL, 'other sessions of the user go on');

-- Everything that the family proves to be the session's, and that is neither the current nor the previous token.
CREATE TEMP TABLE forged AS SELECT * FROM (VALUES
    (1, 'two generations back, at once', 'reused', true), (2, 'the current number with another secret', 'reused', true), (3, 'the previous number with another secret', 'reused', true),
    (4, 'a number that is still to come', 'reused', true), (5, 'another family', 'unknown', false), (6, 'another organisation', 'unknown', false),
    (7, 'the previous number with the current secret', 'reused', true), (8, 'the handle', 'unknown', false), (9, 'in capitals', 'unknown', false), (10, 'with a blank', 'unknown', false)) AS v (n, what, outcome, ends);
SELECT is(tap.sign_in('c' || n, 'viewer'), 'signed in', 'for: ' || what) FROM forged;
SELECT is(tap.refresh('c' || n, tap.token('c' || n)), 'refreshed', 'refreshed for: ' || what) FROM forged;
SELECT is(tap.refresh('c' || n, tap.token('c' || n)), 'refreshed', 'and again for: ' || what) FROM forged;
SELECT is(tap.refresh('c' || n, CASE n
        WHEN 1 THEN tap.token('c' || n, 2)
        WHEN 2 THEN regexp_replace(tap.token('c' || n), '[0-9a-f]{64}$', repeat('0', 64))
        WHEN 3 THEN regexp_replace(tap.token('c' || n, 1), '[0-9a-f]{64}$', repeat('0', 64))
        WHEN 4 THEN regexp_replace(tap.token('c' || n), '\.3\.', '.4.')
        WHEN 5 THEN regexp_replace(tap.token('c' || n), '\.3\.[0-9a-f]{64}', '.3.' || repeat('0', 64))
        WHEN 6 THEN regexp_replace(tap.token('c' || n), '^arkr1\.[0-9]+', 'arkr1.' || (SELECT beta FROM org))
        WHEN 7 THEN regexp_replace(tap.token('c' || n), '\.3\.', '.2.')
        WHEN 8 THEN tap.handle('c' || n)
        WHEN 9 THEN upper(tap.token('c' || n))
        ELSE tap.token('c' || n) || ' ' END), outcome, what) FROM forged ORDER BY n;
SELECT is((tap.session('c' || n)).ended_at IS NOT NULL, ends, format('%s: %s', what, CASE WHEN ends THEN 'the session has ended' ELSE 'nothing has ended' END)) FROM forged;
SELECT is(tap.refresh('none', token), 'unknown', format('no token: %s', left(quote_nullable(token), 30)))
FROM unnest(ARRAY[NULL, '', 'x', 'arkr1.1.1', 'arkr1.0.1.' || repeat('a', 64) || '.' || repeat('a', 64),
    'arkr1.999999999999999999.999999999999999999.' || repeat('a', 64) || '.' || repeat('a', 64), repeat('9', 100000)]) AS token;
-- A session that was opened for strict mode only has no refresh token.
SELECT is(tap.refresh('none', do_as('gateway', NULL, format('SELECT api.open_session(%s, %s)', org_id, user_id))), 'unknown', 'a handle refreshes nothing') FROM person WHERE role = 'owner';

-- MARK: The handle

SELECT is(tap.sign_in('h', 'member'), 'signed in', 'a session');
SELECT is(tap.strictly(tap.handle('h')), 'acme', 'its handle binds a transaction in strict mode');
SELECT is(tap.strictly(tap.token('h')), '28000', 'its refresh token does not');
SELECT tap.later('h', '61 minutes');
SELECT is(tap.strictly(tap.handle('h')), '28000', 'nor the handle, when no access token is left');
SELECT is(tap.refresh('h', tap.token('h')), 'refreshed', 'a refresh');
SELECT is(tap.strictly(tap.handle('h')), 'acme', 'and it does again');
SELECT is(do_as('gateway', NULL, format('SELECT api.end_session(%L)', tap.token('h', 1))), 'true', 'an old refresh token is good for signing out');
SELECT is(((tap.session('h')).end_reason, tap.denied('h'), tap.strictly(tap.handle('h')), tap.refresh('h', tap.token('h')))::text, '("signed out","denied denied",28000,ended)', 'which ends everything');
SELECT is(do_as('gateway', NULL, format('SELECT api.end_session(%L)', t)), 'false', 'signs out nobody: ' || left(quote_nullable(t), 20))
FROM unnest(ARRAY[tap.token('h'), NULL, '', 'ark1.x', 'ark1.1.' || repeat('0', 64), 'arkr1.1.1.' || repeat('0', 64) || '.' || repeat('0', 64)]) AS t;

-- MARK: Revocation

SELECT is(tap.sign_in(name, role), 'signed in', name) FROM (VALUES ('t1', 'member'), ('t2', 'member'), ('t3', 'admin'), ('t4', 'owner')) AS v (name, role);
SELECT is(do_as('gateway', NULL, format('SELECT api.revoke_token(%s, %L)', org_id, jti)), 'true', 'one access token is denied') FROM told WHERE name = 't1';
SELECT is((SELECT d.expires_at FROM auth.jti_denylist AS d JOIN told USING (jti) WHERE name = 't1'), (SELECT expires_at FROM told WHERE name = 't1'), 'until it expires');
BEGIN;
UPDATE auth.access_tokens SET expires_at = clock_timestamp() - interval '1 s' WHERE jti = (SELECT jti FROM told WHERE name = 't2');
SELECT is(do_as('gateway', NULL, format('SELECT api.revoke_token(%s, %L)', org_id, jti)), 'false', 'one that has expired is not') FROM told WHERE name = 't2';
ROLLBACK;
SELECT is((do_as('gateway', NULL, format('SELECT api.is_denied(%L)', jti)), (tap.session('t1')).ended_at IS NULL, tap.strictly(handle))::text, '(true,t,acme)', 'its session goes on') FROM told WHERE name = 't1';
SELECT is(do_as('gateway', NULL, format('SELECT api.revoke_token(%s, %L)', o, jti)), 'false', 'not: ' || what)
FROM (VALUES ('a second time', (SELECT acme FROM org), (SELECT jti FROM told WHERE name = 't1')), ('another organisation''s', (SELECT beta FROM org), (SELECT jti FROM told WHERE name = 't2')),
    ('nobody''s', (SELECT acme FROM org), gen_random_uuid())) AS v (what, o, jti);
SELECT is(do_as('gateway', NULL, format('SELECT api.is_denied(%L)', jti)), 'false', 'who was not denied is not') FROM told WHERE name = 't2';
SELECT is(tap.until(), '', 'nothing is denied longer or shorter than its token lives: a token');
SELECT is(tap.refresh('t1', tap.token('t1')), 'refreshed', 'and gets another one');
SELECT is(do_as('gateway', NULL, format('SELECT api.revoke_session(%s, %s, ''stolen'')', org_id, session_id)), outcome, 'a session: ' || outcome)
FROM (SELECT DISTINCT org_id, session_id FROM told WHERE name = 't1') AS t, unnest(ARRAY['true', 'false']) AS outcome;
SELECT is((tap.denied('t1'), (tap.session('t1')).end_reason, tap.denied('t2'))::text, '("denied denied",stolen,valid)', 'its tokens are denied, others are not');
SELECT is(tap.until(), '', 'a session''s');
SELECT cmp_ok(do_as('gateway', NULL, format('SELECT api.revoke_user(%s, %s, ''password changed'')', org_id, user_id))::integer, '>=', 1, 'a user') FROM person WHERE role = 'member';
SELECT is((tap.denied('t2'), tap.refresh('t2', tap.token('t2')), tap.denied('t3'))::text, '(denied,ended,valid)', 'all sessions of the user, nobody else''s');
SELECT is(tap.until(), '', 'a user''s');
SELECT is(try_as('gateway', NULL, call), state, call)
FROM (VALUES ('SELECT api.revoke_organization(1, ''  '')', '22023'), ('SELECT api.revoke_organization(1, NULL)', '22023'), ('SELECT api.revoke_session(1, 1, '''')', '22023'), ('SELECT api.revoke_session(1, NULL, ''r'')', '22023'), ('SELECT api.revoke_user(1, NULL, ''r'')', '22023'), ('SELECT api.revoke_token(1, NULL)', '22023'),
    ('SELECT api.revoke_organization(1, ''Authorization: Bearer abcdefghijklmnopqrstuvwxyz'')', 'AR422'), ('SELECT admin.revoke_user(''admin@acme.example'', ''r'')', '42501')) AS v (call, state);

-- A whole organisation, as the gateway: here in a transaction that is taken back, so that the sessions above go on.
CREATE TEMP TABLE neighbour AS SELECT beta AS org_id, (core.add_member(beta, 'admin@acme.example', 'Both', 'member')).user_id FROM org;
SELECT is(tap.told('beta', format('SELECT * FROM api.sign_in(%s, %s)', org_id, user_id)), 'signed in', 'a member of two organisations') FROM neighbour;
BEGIN;
CREATE TEMP TABLE opened ON COMMIT DROP AS SELECT count(*) AS n FROM auth.sessions, org WHERE org_id = acme AND ended_at IS NULL;
SELECT cmp_ok(n, '>', 2::bigint, 'open sessions') FROM opened;
SELECT is(do_as('gateway', NULL, format('SELECT api.revoke_organization(%s, ''identity provider was changed'')', acme)), n::text, 'as many are revoked') FROM org, opened;
SELECT is((SELECT count(*) FROM auth.sessions, org WHERE org_id = acme AND ended_at IS NULL), 0::bigint, 'none is left');
SELECT is((SELECT count(*) FROM auth.access_tokens AS t JOIN org ON t.org_id = acme WHERE t.expires_at > clock_timestamp() AND NOT EXISTS (SELECT FROM auth.jti_denylist AS d WHERE d.jti = t.jti)), 0::bigint, 'nor an access token');
SELECT is((tap.denied('t3'), (tap.session('t3')).end_reason, tap.refresh('t3', tap.token('t3')), tap.until())::text, '(denied,"identity provider was changed",ended,"")', 'for the reason that was given, for as long as they are valid');
SELECT is((tap.denied('beta'), tap.refresh('beta', tap.token('beta')))::text, '(valid,refreshed)', 'those of another organisation are not, also of the same user');
SELECT is(do_as('gateway', NULL, format('SELECT api.revoke_organization(%s, ''again'')', acme)), '0', 'a second time there is nothing to end') FROM org;
SELECT is(tap.sign_in('t3', 'admin'), 'signed in', 'and members may sign in again');
ROLLBACK;

-- Whatever else ends a session or changes what a token says.
SELECT is(do_as('app', org_id::text, format('SELECT (api.change_role(%s, ''viewer'', ''r'')).role', user_id)), 'viewer', 'a role changes') FROM person WHERE role = 'admin';
SELECT is((tap.denied('t3'), tap.refresh('t3', tap.token('t3')))::text, '(denied,refreshed)', 'the token that tells the old role is denied, the session is not');
SELECT is(tap.until(), '', 'for as long as it would tell it');
SELECT is((role, permissions)::text, '(viewer,{data:read})', 'the next one tells the new role') FROM (SELECT * FROM told WHERE name = 't3' ORDER BY n DESC LIMIT 1) AS t;
SELECT is(do_as('app', org_id::text, format('SELECT (api.rename_member(%s, ''New name'')).name', user_id)), 'New name', 'a name changes') FROM person WHERE role = 'admin';
SELECT is(tap.denied('t3'), 'denied valid', 'which is in no token');
SELECT is(do_as('app', org_id::text, format('SELECT api.remove_member(%s, ''r'')', user_id)), '', 'a member is removed') FROM person WHERE role = 'admin';
SELECT is((tap.denied('t3'), tap.refresh('t3', tap.token('t3')), (tap.session('t3')).session_id)::text, '("denied denied",unknown,)', 'the session is gone, its tokens are denied');

UPDATE core.organizations SET status = 'COMMITTED', namespace_uid = 'u', committed_at = now() FROM org WHERE id = acme;
SELECT is(tap.denied('t4'), 'valid', 'that it is committed denies nothing');
-- With an older snapshot what was issued meanwhile would be missed: what denies is refused there (tokens.spec has the race).
CREATE TEMP TABLE denies AS
SELECT login, acme::text AS chosen, replace(replace(replace(call, 'ORG', acme::text), 'USER', user_id::text), 'JTI', quote_literal((SELECT jti FROM told WHERE name = 't4'))) AS call
FROM org, (SELECT user_id FROM person WHERE role = 'viewer') AS p, (VALUES
    ('gateway', 'SELECT api.revoke_token(ORG, JTI)'), ('gateway', 'SELECT api.revoke_session(ORG, 1, ''r'')'), ('gateway', 'SELECT api.revoke_user(ORG, USER, ''r'')'), ('gateway', 'SELECT api.revoke_organization(ORG, ''r'')'),
    ('app', 'SELECT role FROM api.change_role(USER, ''member'', ''r'')'), ('app', 'SELECT owner_email FROM api.transfer_ownership(USER, ''r'')'),
    ('dba', 'SELECT admin.revoke_user(''owner@acme.example'', ''r'')'), ('dba', 'SELECT admin.revoke_organization(''acme'', ''r'')'), ('dba', 'SELECT status FROM admin.suspend_organization(''acme'', ''r'')'),
    ('dba', 'SELECT status FROM admin.delete_organization(''acme'', ''acme'', ''r'')'), ('dba', 'SELECT status FROM admin.delete_org(''acme'', ''acme'', ''r'')')) AS v (login, call);
SELECT doesnt_match(try_as(login, chosen, call), '^[0-9A-Z]{5}$', 'denies: ' || call) FROM denies;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT is(try_as(login, chosen, call), '55000', 'not under REPEATABLE READ: ' || call) FROM denies;
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT is(try_as(login, chosen, call), '55000', 'nor SERIALIZABLE: ' || call) FROM denies;
SELECT is(try_as('app', chosen, (SELECT format('SELECT name FROM api.rename_member(%s, ''Same role'')', user_id) FROM person WHERE role = 'viewer')), 'Same role', 'what denies nothing goes on') FROM denies LIMIT 1;
ROLLBACK;
SELECT is(do_as('dba', NULL, $$SELECT status FROM admin.suspend_organization('acme', 'unpaid')$$), 'SUSPENDED', 'an organisation is suspended');
SELECT is((tap.denied('t4'), tap.refresh('t4', tap.token('t4')), tap.strictly(tap.handle('t4')), (tap.session('t4')).refresh_counter)::text, '(denied,suspended,28000,1)', 'its tokens are denied, and nobody refreshes');
SELECT is(tap.until(), '', 'a suspended organisation''s tokens: until they expire');
SELECT is(try_as('gateway', NULL, format('SELECT api.sign_in(%s, %s)', org_id, user_id)), '42501', 'nor signs in') FROM person WHERE role = 'owner';
SELECT is(do_as('dba', NULL, $$SELECT status FROM admin.resume_organization('acme', 'paid')$$), 'COMMITTED', 'it is resumed');
SELECT is((tap.refresh('t4', tap.token('t4')), tap.strictly(tap.handle('t4')))::text, '(refreshed,acme)', 'and the session goes on');
SELECT cmp_ok(do_as('dba', NULL, $$SELECT admin.revoke_user('OWNER@acme.example', 'taken over')$$)::integer, '>=', 1, 'a user in every organisation, by address');
SELECT is((tap.denied('t4'), tap.refresh('t4', tap.token('t4')))::text, '("denied denied",ended)', 'ended');
SELECT is(tap.until(), '', 'also by an administrator');
SELECT is(tap.sign_in('t5', 'owner'), 'signed in', 'who signs in again');
SELECT cmp_ok(do_as('dba', NULL, $$SELECT admin.revoke_organization('acme', 'new identity provider')$$)::integer, '>=', 1, 'a whole organisation');
SELECT is((SELECT count(*) FROM auth.sessions, org WHERE org_id = acme AND ended_at IS NULL), 0::bigint, 'has no session left');
SELECT is(try_as('dba', NULL, call), 'P0002', call)
FROM unnest(ARRAY['SELECT admin.revoke_user(''nobody@acme.example'', ''r'')', 'SELECT admin.revoke_user(''owner@acme.example'', ''r'', ''beta'')', 'SELECT admin.revoke_organization(''gamma'', ''r'')']) AS call;
SELECT is(try_as('dba', NULL, call), '22023', call || ' needs a reason') FROM unnest(ARRAY['SELECT admin.revoke_user(''owner@acme.example'', '''')', 'SELECT admin.revoke_organization(''acme'', '' '')']) AS call;
SELECT is(do_as(login, NULL, $$SELECT string_agg(DISTINCT state, ',') FROM admin.sessions('acme')$$), outcome, login || ' and sessions') FROM (VALUES ('dba', 'ended'), ('auditor', 'ended'), ('monitor', '42501')) AS v (login, outcome);
SELECT is(tap.sign_in('t6', 'owner'), 'signed in', 'and again');
SELECT is(do_as('dba', NULL, $$SELECT email || ' ' || state || ' ' || refreshes || ' ' || access_tokens FROM admin.sessions('acme', 'Owner@acme.example') LIMIT 1$$), 'owner@acme.example open 0 1', 'what an administrator sees of it');
SELECT is(do_as('dba', NULL, $$SELECT status FROM admin.delete_organization('acme', 'acme', 'left')$$), 'DELETING', 'an organisation is deleted');
SELECT is((tap.denied('t6'), tap.refresh('t6', tap.token('t6')), (tap.session('t6')).end_reason)::text, '(denied,ended,"the organisation is deleted")', 'with its sessions');
SELECT is(tap.until(), '', 'and so in the end');

-- MARK: A copy of the denylist

SELECT is(do_as('bridge', NULL, $$SELECT leads FROM config.feed_lead('t', '1 minute')$$), 'true', 'the database is known');
CREATE TEMP TABLE copy AS SELECT * FROM api.denied_tokens();
SELECT is((count(*), bool_and(complete))::text, format('(%s,t)', (SELECT count(*) FROM auth.jti_denylist)), 'all of it') FROM copy;
-- A transaction that has written has no snapshot to go on from: CREATE TABLE AS is one.
SELECT * FROM api.denied_tokens() WHERE complete LIMIT 1 \gset at_
CREATE TEMP TABLE late AS SELECT gen_random_uuid() AS jti, clock_timestamp() + by AS expires_at FROM unnest(ARRAY['1 hour', '-1 s']::interval[]) AS by;
INSERT INTO auth.jti_denylist (jti, expires_at) SELECT * FROM late;
SELECT is((SELECT array_agg((d.complete, d.jti)::text) FROM api.denied_tokens(:at_epoch, :'at_snapshot') AS d),
    (SELECT array_agg((false, jti)::text) FROM late WHERE expires_at > clock_timestamp()), 'then what is new and has not expired');
SELECT * FROM api.denied_tokens(:at_epoch, :'at_snapshot') LIMIT 1 \gset at_
SELECT is((SELECT array_agg((d.complete, d.jti)::text) FROM api.denied_tokens(:at_epoch, :'at_snapshot') AS d), '{"(f,)"}', 'then nothing, in one row');
SELECT is((SELECT bool_and(d.complete) FROM api.denied_tokens(:at_epoch - 1, :'at_snapshot') AS d), true, 'everything, in another epoch');
BEGIN;
INSERT INTO auth.jti_denylist (jti, expires_at) VALUES (gen_random_uuid(), 'infinity');
SELECT is((SELECT bool_and(complete AND snapshot IS NULL) FROM api.denied_tokens()), true, 'no snapshot from a transaction that has written');
ROLLBACK;

-- MARK: Janitors

SELECT is(auth.forget_tokens(), 0::bigint, 'nothing is forgotten that is needed');
UPDATE auth.access_tokens SET expires_at = clock_timestamp() - interval '6 minutes' WHERE jti IN (SELECT jti FROM told WHERE name IN ('t5', 't6'));
UPDATE auth.jti_denylist SET expires_at = clock_timestamp() - interval '6 minutes' WHERE jti IN (SELECT jti FROM told WHERE name IN ('t4', 't5'));
CREATE TEMP TABLE counts AS SELECT (SELECT count(*) FROM auth.jti_denylist) AS denied, (SELECT count(*) FROM auth.access_tokens) AS issued;
SELECT is(auth.forget_tokens(1), 2::bigint, 'a batch of one each');
SELECT is(auth.forget_tokens(), 3::bigint, 'then the rest');
SELECT is((SELECT count(*) FROM auth.jti_denylist), denied - 3, 'of the list') FROM counts;
SELECT is((SELECT count(*) FROM auth.access_tokens), issued - 2, 'of the tokens') FROM counts;
SELECT is(auth.forget_sessions(), 0::bigint, 'sessions that have just ended are kept');
UPDATE auth.sessions SET ended_at = clock_timestamp() - interval '31 days' WHERE session_id = (tap.session('t6')).session_id;
UPDATE auth.sessions SET ended_at = NULL, end_reason = NULL, expires_at = clock_timestamp() - interval '31 days' WHERE session_id = (tap.session('t5')).session_id;
SELECT is(auth.forget_sessions(1), 1::bigint, 'a batch of one');
SELECT is(auth.forget_sessions(), 1::bigint, 'then the other');
SELECT is(tap.refresh('t6', tap.token('t6')), 'unknown', 'nobody knows it any more');

SELECT * FROM finish();
