-- Who belongs to an organisation, and who may change that.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS
SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'Ann@acme.example')).id AS acme,
       (api.create_organization(gen_random_uuid(), 'Beta', 'bob@beta.example')).id AS beta;

SELECT is(try_as('app', acme::text, $$SELECT u.email || ' ' || m.role FROM memberships AS m JOIN users AS u ON u.id = m.user_id$$),
    'ann@acme.example owner', 'the owner is a member from the start') FROM org;
SELECT is(do_as('app', acme::text, $$SELECT (api.invite_member('cat@acme.example', 'Cat')).role$$), 'member', 'a member is invited') FROM org;
SELECT is(do_as('app', beta::text, $$SELECT (api.invite_member('CAT@acme.example', 'Other Name', 'viewer')).role$$), 'viewer', 'the same person elsewhere') FROM org;
SELECT is((SELECT count(*) FROM core.users WHERE lower(email) = 'cat@acme.example'), 1::bigint, 'is one user');
SELECT is(try_as('app', acme::text, 'SELECT email FROM users ORDER BY email'), 'ann@acme.example,cat@acme.example', 'an organisation sees its own people') FROM org;
SELECT is(try_as('app', NULL, 'SELECT email FROM users'), '', 'nobody sees none');
SELECT is(try_as('app', acme::text, $$SELECT api.invite_member('cat@acme.example', 'Cat')$$), '23505', 'nobody is a member twice') FROM org;
SELECT is(try_as('app', acme::text, format('SELECT api.invite_member(%s)', arguments)), '23514', arguments)
FROM org, unnest(ARRAY[$$'no address', 'N'$$, $$'x@y', ''$$, $$'x@y', 'N', 'king'$$]) AS arguments;

CREATE TEMP TABLE person AS SELECT lower(split_part(email, '@', 1)) AS name, id FROM core.users;
SELECT is(try_as('app', acme::text, format('SELECT (api.change_role(%s, ''admin'', ''promoted'')).role', id)), 'admin', 'a role is changed')
FROM org, person WHERE name = 'cat';
SELECT is(try_as('app', acme::text, format('SELECT api.change_role(%s, ''admin'', '''')', id)), '22023', 'with a reason')
FROM org, person WHERE name = 'cat';
SELECT is(try_as('app', acme::text, format('SELECT api.change_role(%s, ''admin'', ''r'')', id)), 'P0002', 'of a member')
FROM org, person WHERE name = 'bob';
SELECT is(try_as('app', acme::text, format('SELECT api.change_role(%s, ''admin'', ''r'')', id)), '55000', 'the last owner stays one')
FROM org, person WHERE name = 'ann';
SELECT is(try_as('app', acme::text, format('SELECT api.remove_member(%s, ''r'')', id)), '55000', 'and stays')
FROM org, person WHERE name = 'ann';
SELECT is(try_as('app', acme::text, format('SELECT api.remove_member(%s, ''left'')', id)), '', 'a member leaves') FROM org, person WHERE name = 'cat';
SELECT is((SELECT count(*) FROM provisioning.jobs WHERE org_id = acme AND kind = 'members'), 1::bigint, 'each change is a job') FROM org;
SELECT is(try_as('app', acme::text, $$SELECT concat_ws(' ', what, detail ->> 'new', reason) FROM organization_events$$), 'member member invited', 'and is recorded') FROM org;
SELECT is(try_as(login, acme::text, statement), '42501', format('%s: %s', login, statement))
FROM org, unnest(ARRAY['app', 'app_strict', 'app_ro', 'dba']) AS login, unnest(ARRAY[
    $$INSERT INTO memberships (org_id, user_id, role) VALUES (1, 1, 'owner')$$, $$UPDATE memberships SET role = 'owner'$$, 'DELETE FROM memberships',
    $$INSERT INTO users (email) VALUES ('x@y')$$, $$UPDATE users SET email = 'x@y'$$, 'DELETE FROM users',
    'DELETE FROM organization_events', $$UPDATE organization_events SET reason = 'x'$$, 'TRUNCATE organization_events']) AS statement;

SELECT is(try_as('app', acme::text, format('SELECT (api.rename_member(%s, '' Ann A. '')).name', id)), 'Ann A.', 'a member is renamed') FROM org, person WHERE name = 'ann';
SELECT is(try_as('app', acme::text, format('SELECT api.rename_member(%s, ''X'')', id)), 'P0002', 'another one''s is not there') FROM org, person WHERE name = 'bob';
SELECT is(try_as('app', acme::text, format('SELECT name FROM memberships WHERE user_id = %s', id)), 'Cat', 'each organisation has its own name for a person') FROM org, person WHERE name = 'cat';
SELECT is(try_as('app', beta::text, format('SELECT name FROM memberships WHERE user_id = %s', id)), 'Other Name', 'and does not see the other one''s') FROM org, person WHERE name = 'cat';
SELECT is(try_as('app', acme::text, format('SELECT api.rename_member(%s, '''')', id)), '23514', 'to a name') FROM org, person WHERE name = 'ann';

-- Only owners make owners, in strict mode.
CREATE FUNCTION tap.as_role(p_role text, p_statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_handle text;
    v_result text;
BEGIN
    SELECT api.open_session(m.org_id, m.user_id) INTO v_handle
    FROM core.memberships AS m JOIN org ON m.org_id = org.acme WHERE m.role = p_role LIMIT 1;
    BEGIN
        PERFORM tap.become('app_strict', NULL);
        PERFORM api.begin_request(v_handle);
        RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = tap.outcome(p_statement);
    EXCEPTION WHEN SQLSTATE 'TAP00' THEN RETURN SQLERRM; WHEN OTHERS THEN RETURN SQLSTATE;
    END;
END
$$;
SELECT is(do_as('app', acme::text, $$SELECT (api.invite_member('dan@acme.example', 'Dan', 'admin')).role$$), 'admin', 'an admin') FROM org;
SELECT is(tap.as_role(role, statement), outcome, format('%s: %s', role, statement))
FROM (VALUES
    ('admin', $$SELECT (api.invite_member('e@acme.example', 'E', 'admin')).role$$, 'admin'),
    ('admin', $$SELECT api.invite_member('e@acme.example', 'E', 'owner')$$, '42501'),
    ('admin', $$SELECT api.change_role((SELECT user_id FROM memberships WHERE role = 'owner'), 'viewer', 'coup')$$, '42501'),
    ('admin', $$SELECT api.remove_member((SELECT user_id FROM memberships WHERE role = 'owner'), 'coup')$$, '42501'),
    ('admin', $$SELECT api.change_role((SELECT user_id FROM memberships WHERE role = 'admin'), 'owner', 'coup')$$, '42501'),
    ('owner', $$SELECT (api.invite_member('e@acme.example', 'E', 'owner')).role$$, 'owner'),
    ('member', $$SELECT api.invite_member('e@acme.example', 'E', 'viewer')$$, '42501')
) AS v (role, statement, outcome);

-- How one organisation writes an address is nothing to another; no id tells who was known before.
SELECT is(do_as('app', acme::text, format('SELECT count(*) FROM api.invite_member(%L, ''F'')', 'fran' || chr(8490) || '@Beta.example')), '1', 'a Kelvin sign') FROM org;
SELECT is(do_as('app', beta::text, $$SELECT u.email FROM api.invite_member('frank@beta.example', 'F') AS m JOIN users AS u ON u.id = m.user_id$$), '', 'in one statement nobody is seen yet') FROM org;
SELECT is(try_as('app', beta::text, $$SELECT email FROM users WHERE email LIKE 'fran%'$$), 'frank@beta.example', 'is a k') FROM org;
SELECT ok((SELECT count(DISTINCT id) = count(*) AND bool_and(id BETWEEN 0 AND 281474976710655) AND max(id) > 1000000 FROM core.users), 'ids are random');
SELECT is(do_as('app', acme::text, format('SELECT (api.rename_member(%s, ''Frank F'')).name', u.id)), 'Frank F', 'another name') FROM org, core.users AS u WHERE u.email = 'frank@beta.example';
SELECT is(try_as('app', acme::text, $$SELECT detail ->> 'new' FROM organization_events WHERE detail ->> 'new' = 'renamed'$$), 'renamed', 'is recorded') FROM org;

CREATE FUNCTION tap.recorded(p_call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_jobs bigint := (SELECT count(*) FROM provisioning.jobs WHERE kind = 'members');
BEGIN
    -- One that waits would do for this change, too.
    UPDATE provisioning.jobs SET state = 'done', finished_at = now() WHERE kind = 'members';
    PERFORM tap.become('app', (SELECT acme::text FROM org)), set_config('app.actor', 'boss', true);
    EXECUTE 'SELECT ' || p_call;
    PERFORM tap.become('postgres', NULL);
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = (SELECT concat_ws(' ', e.actor, e.login, e.reason) FROM core.organization_events AS e ORDER BY event_id DESC LIMIT 1)
        || ' ' || (SELECT count(*) FROM provisioning.jobs WHERE kind = 'members') - v_jobs;
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
END
$$;
GRANT SELECT ON org TO PUBLIC;
SELECT is(tap.recorded(format(call, m.user_id)), outcome, call)
FROM (SELECT user_id FROM core.memberships, org WHERE org_id = acme AND name = 'Dan') AS m,
    (VALUES ('api.change_role(%s, ''viewer'', ''demoted'')', 'boss app demoted 1'), ('api.remove_member(%s, ''left us'')', 'boss app left us 1')) AS v (call, outcome);

SELECT * FROM finish();
