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

-- An organisation is handed over: its address, its roles, the record, and the job that keeps the RoleBindings.
CREATE TEMP TABLE sold AS SELECT (api.create_organization(gen_random_uuid(), 'Sold', 'Old@sold.example')).id;
GRANT SELECT ON sold TO PUBLIC;
SELECT is(do_as('app', id::text, format('SELECT (api.invite_member(%L, %L, %L)).role', name || '@sold.example', name, role)), role, name)
FROM sold, (VALUES ('new', 'viewer'), ('co', 'owner')) AS v (name, role);
CREATE FUNCTION tap.member(p_name text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT m.user_id FROM core.memberships AS m JOIN sold ON m.org_id = sold.id JOIN core.users AS u ON u.id = m.user_id
    WHERE u.email = p_name || '@sold.example'
$$;
CREATE FUNCTION tap.roles() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT (SELECT split_part(o.owner_email, '@', 1) || ': ' FROM core.organizations AS o WHERE o.id = sold.id)
        || (SELECT string_agg(split_part(u.email, '@', 1) || ' ' || m.role, ', ' ORDER BY u.email) FROM core.memberships AS m JOIN core.users AS u ON u.id = m.user_id WHERE m.org_id = sold.id)
    FROM sold
$$;
UPDATE provisioning.jobs SET state = 'done', finished_at = now() FROM sold WHERE org_id = id;
SELECT is(tap.roles(), 'Old: co owner, new viewer, old owner', 'before');
SELECT is(do_as('app', id::text, format('SELECT owner_email FROM api.transfer_ownership(%s, ''sold'')', tap.member('new'))), 'new@sold.example', 'handed over') FROM sold;
SELECT is(tap.roles(), 'new: co owner, new owner, old admin', 'the old one is an admin, the other owner stays');
SELECT is((SELECT count(*) FROM provisioning.jobs JOIN sold ON org_id = id WHERE kind = 'members' AND state = 'queued'), 1::bigint, 'the RoleBindings follow');
SELECT is((SELECT string_agg(concat_ws(' ', what, detail ->> 'old', detail ->> 'new', detail ->> 'how', reason), ', ' ORDER BY event_id) FROM core.organization_events JOIN sold ON org_id = id WHERE detail ->> 'how' = 'transfer'),
    'member owner admin transfer sold, member viewer owner transfer sold', 'both changes are recorded');
SELECT is((SELECT count(*) FROM admin.changes('sold') WHERE what LIKE 'member %' AND reason = 'sold'), 2::bigint, 'and shown');
SELECT is(do_as('app', id::text, format('SELECT owner_email FROM api.transfer_ownership(%s, ''again'')', tap.member('new'))), 'new@sold.example', 'once more is nothing') FROM sold;
SELECT is((SELECT count(*) FROM core.organization_events JOIN sold ON org_id = id WHERE reason = 'again'), 0::bigint, 'and leaves no record');
SELECT is(do_as('app', id::text, format('SELECT owner_email FROM api.transfer_ownership(%s, ''back'', ''owner'')', tap.member('old'))), 'old@sold.example', 'back') FROM sold;
SELECT is(tap.roles(), 'old: co owner, new owner, old owner', 'the one before stays an owner, if that is wanted');
SELECT is(try_as('app', id::text, format('SELECT api.transfer_ownership(%s)', arguments)), outcome, arguments)
FROM sold, (VALUES
    (tap.member('co') || ', '''', ''admin''', '22023'), (tap.member('co') || ', ''r'', ''king''', '22023'), (tap.member('co') || ', ''r'', NULL', '22023'), ('0, ''r''', 'P0002')) AS v (arguments, outcome);
SELECT is(try_as('app', acme::text, format('SELECT api.transfer_ownership(%s, ''r'')', tap.member('co'))), 'P0002', 'to a member, not to somebody else''s') FROM org;
SELECT is(try_as('app', NULL, format('SELECT api.transfer_ownership(%s, ''r'')', tap.member('co'))), '55000', 'of an organisation');
SELECT is(try_as(login, id::text, 'SELECT api.transfer_ownership(1, ''r'')'), '42501', login || ' hands nothing over')
FROM sold, unnest(ARRAY['app_ro', 'gateway', 'pod_ai', 'bridge', 'provisioner', 'monitor', 'auditor']) AS login;
SELECT is(tap.as_role(role, $$SELECT api.transfer_ownership((SELECT user_id FROM memberships WHERE role = 'admin' LIMIT 1), 'coup')$$), '42501', 'in strict mode no ' || role || ' does')
FROM unnest(ARRAY['admin', 'member']) AS role;
SELECT is(tap.as_role('owner', $$SELECT owner_email FROM api.transfer_ownership((SELECT user_id FROM memberships WHERE role = 'admin' LIMIT 1), 'sold')$$), 'dan@acme.example', 'an owner does');

-- The address that an organisation names is always an owner's.
SELECT is(do_as('app', id::text, format('SELECT (api.change_role(%s, ''member'', ''retires'')).role', tap.member('old'))), 'member', 'its owner is one no longer') FROM sold;
SELECT is(tap.roles(), 'new: co owner, new owner, old member', 'the longest of the others follows');
SELECT is(do_as('app', id::text, format('SELECT (api.change_role(%s, ''admin'', ''r'')).role', tap.member('co'))), 'admin', 'another owner is one no longer') FROM sold;
SELECT is(tap.roles(), 'new: co admin, new owner, old member', 'which changes nothing');
SELECT is(do_as('app', id::text, format('SELECT (api.change_role(%s, ''owner'', ''r'')).role', tap.member('old'))), 'owner', 'another owner') FROM sold;
SELECT is(do_as('app', id::text, format('SELECT api.remove_member(%s, ''leaves'')', tap.member('new'))), '', 'its owner leaves') FROM sold;
SELECT is(tap.roles(), 'old: co admin, old owner', 'and the other follows');
UPDATE core.organizations SET status = 'DELETING' FROM sold WHERE organizations.id = sold.id;
SELECT is(try_as('app', id::text, format('SELECT api.transfer_ownership(%s, ''r'')', tap.member('co'))), '55000', 'one that is being deleted has nobody to go to') FROM sold;

SELECT * FROM finish();
