-- One tenant out of the database and back in, and out for good.
SELECT * FROM no_plan();

CREATE FUNCTION tap.committed(p_slug text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_id bigint := (api.create_organization(gen_random_uuid(), p_slug, 'owner@' || p_slug || '.example', p_slug)).id;
BEGIN
    UPDATE core.organizations SET status = 'COMMITTED', namespace_uid = 'u', committed_at = now() WHERE id = v_id;
    RETURN v_id;
END
$$;
CREATE TEMP TABLE org AS SELECT 'acme-inc' AS name, tap.committed('acme-inc') AS id UNION ALL SELECT 'beta', tap.committed('beta');
CREATE FUNCTION tap.org(p_name text) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT id FROM pg_temp.org WHERE name = p_name';
-- Everything of an organisation that an import may write, as a digest.
CREATE FUNCTION tap.digest(p_org bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_digest text;
BEGIN
    EXECUTE (SELECT 'SELECT md5(string_agg(d, '','' ORDER BY d)) FROM (' || string_agg(format('SELECT md5(%L || t::text) AS d FROM %s AS t WHERE %s', t.name, t.name,
                CASE t.name WHEN 'core.organizations' THEN 't.id = $1' WHEN 'core.users' THEN 'EXISTS (SELECT FROM core.memberships AS m WHERE m.user_id = t.id AND m.org_id = $1)' ELSE 't.org_id = $1' END), ' UNION ALL ') || ') AS all_of_it'
             FROM admin.tenant_tables() AS t WHERE treatment = 'content' OR t.name = 'config.config_history') INTO v_digest USING p_org;
    RETURN v_digest;
END
$$;

INSERT INTO config.key_schema (service, key, owner, type, description) VALUES ('shop', '*', 'shop', 'text', 'Anything.');
SELECT is(tap.do_as('dba', NULL, $$SELECT version FROM admin.define_flag('colour', '{"variants": {"red": 1, "blue": 2}, "off": "red", "default": "red"}', 'r')$$), '1', 'a flag of which organisations choose');

-- MARK: No table is forgotten

SELECT is(treatment IN ('content', 'record', 'left'), true, format('somebody has decided what an export does with %s: name it in admin.tenant_tables', name)) FROM admin.tenant_tables();
SELECT is_empty($$SELECT name FROM admin.audited_relations() WHERE is_tenants AND NOT is_partition EXCEPT SELECT name FROM admin.tenant_tables()$$, 'all tenant tables are listed');
SELECT is(has_table_privilege('ark_system', relation, 'SELECT, INSERT, UPDATE, DELETE'), true, 'an import can write ' || relation) FROM core.content_tables('org_x');
SELECT ok(bool_and(cardinality(key) > 0), 'content tables have keys within the organisation') FROM core.content_tables('org_x');
CREATE TABLE core.forgotten (org_id bigint NOT NULL REFERENCES core.organizations);
SELECT throws_like($$SELECT admin.export_org('beta', 'r')$$, '%core.forgotten%', 'a table that nobody has decided about stops the export');
SELECT is(tap.try_as('dba', NULL, $$SELECT admin.export_org('beta', 'r')$$), '55000', 'with a SQLSTATE');
DROP TABLE core.forgotten;

-- MARK: Who, and of whom

SELECT is(tap.try_as(login, tap.org('beta')::text, statement), '42501', login || ': ' || statement)
FROM unnest(ARRAY['app', 'app_strict', 'app_ro', 'pod_ai', 'bridge', 'provisioner', 'gateway', 'monitor', 'auditor']) AS login,
    unnest(ARRAY[$$SELECT admin.export_org('beta', 'r')$$, $$SELECT admin.import_org('beta', 'r')$$, $$SELECT admin.diff_org('beta')$$, $$SELECT admin.delete_org('beta', 'beta', 'r')$$,
        $$SELECT admin.receive_export('beta')$$, $$SELECT admin.drop_export('beta')$$, $$SELECT core.make_export_schema('org_beta', false)$$]) AS statement;
SELECT is(tap.try_as('dba', NULL, statement), outcome, statement)
FROM (VALUES ($$SELECT admin.export_org('nobody', 'r')$$, 'P0002'), ($$SELECT admin.export_org(NULL, 'r')$$, 'P0002'), ($$SELECT admin.export_org('ark-platform', 'r')$$, 'P0002'), ($$SELECT admin.export_org('beta', ' ')$$, '22023'),
    ($$SELECT admin.import_org('beta', 'r')$$, 'P0002'), ($$SELECT admin.diff_org('beta')$$, 'P0002'), ($$SELECT admin.diff_org(NULL)$$, 'P0002'), ($$SELECT admin.delete_org('beta', 'bet', 'r')$$, '22023'), ($$SELECT admin.delete_org('beta', 'beta', ' ')$$, '22023'),
    ($$SELECT admin.delete_org('nobody', 'nobody', 'r')$$, 'P0002'), ($$SELECT admin.delete_org('ark-platform', 'ark-platform', 'r')$$, '55000'),
    ($$SELECT admin.receive_export('a; DROP SCHEMA core')$$, '22023'), ($$SELECT admin.receive_export(NULL)$$, '22023'), ($$SELECT admin.drop_export(NULL)$$, '22023')) AS v (statement, outcome);

-- MARK: An export

CREATE FUNCTION tap.fill(p_org bigint, p_n integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.current_org', p_org::text, true), set_config('app.reason', 'filled', true);
    INSERT INTO core.projects (org_id, name) SELECT p_org, 'project ' || n FROM generate_series(1, p_n) AS n;
    INSERT INTO core.notes (org_id, project_id, content) SELECT p_org, p.id, 'note ' || n FROM core.projects AS p, generate_series(1, 3) AS n WHERE p.org_id = p_org;
    INSERT INTO core.documents (org_id, project_id, file_path) SELECT p_org, p.id, format('%s/%s.txt', p.id, n) FROM core.projects AS p, generate_series(1, 2) AS n WHERE p.org_id = p_org;
    PERFORM core.add_member(p_org, format('m%s@x%s.example', n, p_org), 'M ' || n, (ARRAY['admin', 'member', 'viewer'])[1 + n % 3]) FROM generate_series(1, p_n) AS n;
    INSERT INTO config.service_configs (org_id, service, key, value) SELECT p_org, 'shop', 'f' || n, 'on' FROM generate_series(1, p_n) AS n;
    PERFORM set_config('app.current_org', '', true), set_config('app.reason', '', true);
END
$$;
SELECT tap.fill(id, 6) FROM org;
SELECT is(tap.do_as('dba', NULL, $$SELECT exported || ' ' || rows FROM admin.export_org('acme-inc', 'request 1') WHERE exported !~ 'finops|chain|heads|erasures|events' ORDER BY 1$$),
    'org_acme_inc.about 1,org_acme_inc.config_config_history 9,org_acme_inc.config_service_configs 9,org_acme_inc.core_documents 12,org_acme_inc.core_memberships 7,org_acme_inc.core_notes 18,org_acme_inc.core_organizations 1,org_acme_inc.core_projects 6,org_acme_inc.core_users 7', 'what belongs to it');
SELECT is_empty($$SELECT * FROM admin.security_audit()$$, 'an export is walled in like its tables');
SELECT is(tap.try_as(login, tap.org('acme-inc')::text, 'TABLE org_acme_inc.core_notes'), '42501', login || ' does not read an export')
FROM unnest(ARRAY['app', 'app_strict', 'app_ro', 'dba', 'auditor', 'monitor', 'provisioner', 'gateway']) AS login;
SELECT is_empty($$SELECT FROM org_acme_inc.core_notes WHERE org_id <> tap.org('acme-inc')$$, 'nobody else''s');
SELECT is((SELECT concat_ws(' ', what, reason, login) FROM core.organization_events WHERE org_id = tap.org('acme-inc') ORDER BY event_id DESC LIMIT 1), 'export request 1 dba', 'it is recorded');
SELECT is_empty($$SELECT * FROM admin.diff_org('acme-inc')$$, 'and equal');

-- MARK: Differences, and back

UPDATE core.notes SET content = 'scribbled' WHERE org_id = tap.org('acme-inc') AND content = 'note 1' AND project_id = (SELECT min(id) FROM core.projects WHERE org_id = tap.org('acme-inc'));
DELETE FROM core.documents WHERE org_id = tap.org('acme-inc') AND file_path LIKE '%/2.txt' AND project_id = (SELECT min(id) FROM core.projects WHERE org_id = tap.org('acme-inc'));
INSERT INTO core.projects (org_id, name) VALUES (tap.org('acme-inc'), 'new');
SELECT is(tap.do_as('app', tap.org('acme-inc')::text, $$SELECT (api.set_config('shop', 'f1', 'off', 'r')).version$$), '2', 'a value changes');
SELECT is(tap.do_as('app', tap.org('acme-inc')::text, $$SELECT (api.set_config('shop', 'extra', 'x', 'r')).version$$), '1', 'one comes');
SELECT is(tap.do_as('app', tap.org('acme-inc')::text, $$SELECT (api.set_config('shop', 'f2', NULL, 'r')).version$$), '2', 'one goes');
UPDATE core.memberships SET role = 'owner' WHERE org_id = tap.org('acme-inc') AND name = 'M 1';
UPDATE core.organizations SET name = 'Renamed' WHERE id = tap.org('acme-inc');
SELECT is(tap.try_as('dba', NULL, $$SELECT concat_ws(' ', relation, CASE WHEN relation ~ 'configs|memberships' THEN split_part(key, '@', 1) END, difference) FROM admin.diff_org('acme-inc') ORDER BY relation, key$$),
    'config.service_configs shop.extra only here,config.service_configs shop.f1 differs: value,config.service_configs shop.f2 only in the export,core.documents only in the export,core.memberships m1 differs: role,core.notes differs: content,core.organizations differs: name,core.projects only here', 'what differs is named');
CREATE TEMP TABLE beta AS SELECT tap.digest(tap.org('beta')) AS digest;
CREATE TEMP TABLE jobs AS SELECT max(job_id) AS last FROM provisioning.jobs;
SELECT is(tap.do_as('dba', NULL, $$SELECT status FROM admin.import_org('acme-inc', 'request 2')$$), 'COMMITTED', 'the import');
SELECT is_empty($$SELECT * FROM admin.diff_org('acme-inc')$$, 'makes it what it was');
SELECT is(tap.digest(tap.org('beta')), digest, 'and touches nobody else') FROM beta;
SELECT is((SELECT string_agg(key || ' ' || version || ' ' || coalesce(value, '-'), ', ' ORDER BY key) FROM config.service_configs WHERE org_id = tap.org('acme-inc') AND key IN ('f1', 'f2', 'f3', 'extra')),
    'extra 2 -, f1 3 on, f2 3 on, f3 1 on', 'versions rise above the live ones; what is equal stays');
SELECT is((SELECT string_agg(concat_ws(' ', version, reason, login), ', ' ORDER BY version) FROM config.config_history WHERE org_id = tap.org('acme-inc') AND key = 'f1'), '1 filled postgres, 2 r app, 3 request 2 dba', 'the history is appended to');
SELECT is((SELECT count(*) FROM config.service_configs WHERE org_id = tap.org('acme-inc') AND xid = (SELECT max(xid) FROM config.service_configs)), 3::bigint, 'pods hear of three, together');
SELECT is((SELECT string_agg(kind, ',' ORDER BY job_id) FROM provisioning.jobs, jobs WHERE job_id > last), 'members', 'RoleBindings follow');
SELECT is((SELECT concat_ws(' ', what, reason, detail ->> 'values') FROM core.organization_events WHERE org_id = tap.org('acme-inc') ORDER BY event_id DESC LIMIT 1), 'import request 2 3', 'it is recorded');
CALL tap.settle();
SELECT config.seal_history();
SELECT is_empty($$SELECT * FROM admin.verify_chain()$$, 'the history is unbroken');
SELECT is(tap.do_as('dba', NULL, $$SELECT status FROM admin.import_org('acme-inc', 'again')$$), 'COMMITTED', 'again');
SELECT is((SELECT max(version) FROM config.service_configs WHERE org_id = tap.org('acme-inc') AND service = 'shop'), 3::bigint, 'changes nothing');

-- All or nothing: a value that its key does not take any more.
BEGIN;
UPDATE org_acme_inc.config_service_configs SET service = 'ai', key = 'threshold', value = 'no number' WHERE key = 'f6';
DELETE FROM core.notes WHERE org_id = tap.org('acme-inc');
SELECT is(tap.do_as('dba', NULL, $$SELECT admin.import_org('acme-inc', 'r')$$), '22023', 'a value that is not valid any more');
SELECT is((SELECT count(*) FROM core.notes WHERE org_id = tap.org('acme-inc')), 0::bigint, 'stops all of it');
ROLLBACK;
BEGIN;
UPDATE org_acme_inc.config_service_configs SET value = 'AKIAIOSFODNN7EXAMPLE' WHERE key = 'f6';
SELECT is(tap.try_as('dba', NULL, $$SELECT admin.import_org('acme-inc', 'r')$$), 'AR422', 'and so does one that looks like a secret');
ROLLBACK;
BEGIN;
UPDATE org_acme_inc.core_memberships SET role = 'viewer';
SELECT is(tap.try_as('dba', NULL, $$SELECT admin.import_org('acme-inc', 'r')$$), '55000', 'an organisation keeps an owner');
UPDATE org_acme_inc.about SET format = 2;
SELECT is(tap.try_as('dba', NULL, $$SELECT admin.import_org('acme-inc', 'r')$$), '55000', 'a later format');
ROLLBACK;
-- From before a migration: a column is missing, a table is missing.
BEGIN;
ALTER TABLE org_acme_inc.core_notes DROP COLUMN created_at;
DROP TABLE org_acme_inc.core_documents;
UPDATE core.notes SET content = 'scribbled' WHERE org_id = tap.org('acme-inc');
DELETE FROM core.documents WHERE org_id = tap.org('acme-inc') AND file_path LIKE '%/2.txt';
SELECT is(tap.do_as('dba', NULL, $$SELECT status FROM admin.import_org('acme-inc', 'r')$$), 'COMMITTED', 'an older export');
SELECT is_empty($$SELECT * FROM admin.diff_org('acme-inc')$$, 'what it has is brought back');
SELECT is((SELECT count(*) FROM core.documents WHERE org_id = tap.org('acme-inc')), 6::bigint, 'what it does not know is left alone');
ROLLBACK;

-- MARK: Round trips by chance, each with a seed of its own

CREATE FUNCTION tap.shake(p_org bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_from bigint;
    v_a core.documents;
    v_b core.documents;
BEGIN
    PERFORM set_config('app.current_org', p_org::text, true), set_config('app.reason', 'shaken', true);
    DELETE FROM core.notes WHERE org_id = p_org AND random() < 0.3;
    DELETE FROM core.documents WHERE org_id = p_org AND random() < 0.2;
    DELETE FROM core.projects AS p WHERE org_id = p_org AND random() < 0.5
        AND NOT EXISTS (SELECT FROM core.notes AS n WHERE n.org_id = p_org AND n.project_id = p.id) AND NOT EXISTS (SELECT FROM core.documents AS d WHERE d.org_id = p_org AND d.project_id = p.id);
    UPDATE core.projects SET name = 'renamed ' || random() WHERE org_id = p_org AND random() < 0.3;
    UPDATE core.notes SET content = 'edited ' || random() WHERE org_id = p_org AND random() < 0.3;
    UPDATE core.notes SET project_id = (SELECT min(id) FROM core.projects WHERE org_id = p_org) WHERE org_id = p_org AND random() < 0.2;
    INSERT INTO core.projects (org_id, name) SELECT p_org, 'more' FROM generate_series(1, floor(random() * 4)::int);
    INSERT INTO core.notes (org_id, project_id, content) SELECT p_org, p.id, 'more' FROM core.projects AS p WHERE p.org_id = p_org AND random() < 0.5;
    -- Two that exchange their paths.
    SELECT * INTO v_a FROM core.documents WHERE org_id = p_org ORDER BY id LIMIT 1;
    SELECT * INTO v_b FROM core.documents WHERE org_id = p_org ORDER BY id DESC LIMIT 1;
    IF v_a.id <> v_b.id THEN
        UPDATE core.documents SET file_path = 'away' WHERE org_id = p_org AND id = v_a.id;
        UPDATE core.documents SET file_path = v_a.file_path WHERE org_id = p_org AND id = v_b.id;
        UPDATE core.documents SET file_path = v_b.file_path WHERE org_id = p_org AND id = v_a.id;
    END IF;
    DELETE FROM core.memberships WHERE org_id = p_org AND role <> 'owner' AND random() < 0.4;
    UPDATE core.memberships SET role = 'admin', name = 'Other' WHERE org_id = p_org AND role <> 'owner' AND random() < 0.3;
    -- Owners come and go, but for one; so do members whom nobody knew, and what the organisation is called.
    UPDATE core.memberships SET role = 'owner' WHERE org_id = p_org AND random() < 0.2;
    SELECT min(user_id) INTO v_from FROM core.memberships WHERE org_id = p_org AND role = 'owner';
    UPDATE core.memberships SET role = 'viewer' WHERE org_id = p_org AND role = 'owner' AND user_id <> v_from AND random() < 0.3;
    DELETE FROM core.memberships WHERE org_id = p_org AND role = 'owner' AND user_id <> v_from AND random() < 0.2;
    PERFORM core.add_member(p_org, format('n%s@x.example', floor(random() * 1e12)::bigint), 'New', (ARRAY['owner', 'admin', 'member', 'viewer'])[1 + floor(random() * 4)])
    FROM generate_series(1, floor(random() * 3)::int);
    UPDATE core.organizations SET name = 'Name ' || random(), owner_email = format('o%s@x.example', floor(random() * 1e6)) WHERE id = p_org AND random() < 0.5;
    INSERT INTO config.service_configs (org_id, service, key, value)
    VALUES (p_org, 'features', 'colour', (ARRAY['{"variant": "red"}', '{"variant": "blue"}', 'false', NULL])[1 + floor(random() * 4)]),
        (p_org, 'features', 'own', (ARRAY['true', 'false', NULL])[1 + floor(random() * 3)])
    ON CONFLICT (org_id, service, key) DO UPDATE SET value = excluded.value;
    UPDATE config.service_configs SET value = CASE WHEN random() < 0.3 THEN NULL ELSE random()::text END WHERE org_id = p_org AND service = 'shop' AND random() < 0.5;
    INSERT INTO config.service_configs (org_id, service, key, value) VALUES (p_org, 'shop', 'g' || floor(random() * 1e9)::bigint, 'x');
    PERFORM set_config('app.current_org', '', true), set_config('app.reason', '', true);
END
$$;
CREATE TEMP TABLE differences (relation text);
-- Shakes, exports, shakes and imports; tells what is wrong, or how many differences there were.
CREATE FUNCTION tap.round_trip(p_slug text, p_org bigint, p_other bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_other   text;
    v_before  bigint;
    v_sank    bigint;
BEGIN
    PERFORM tap.shake(p_org);
    PERFORM admin.export_org(p_slug, 'round');
    PERFORM tap.shake(p_org), tap.shake(p_org);
    INSERT INTO differences SELECT relation FROM admin.diff_org(p_slug);
    GET DIAGNOSTICS v_before = ROW_COUNT;
    v_other := tap.digest(p_other);
    CREATE TEMP TABLE seen ON COMMIT DROP AS SELECT config_id, value, version FROM config.service_configs WHERE org_id = p_org;
    CREATE TEMP TABLE told ON COMMIT DROP AS SELECT * FROM config.config_history WHERE org_id = p_org;
    PERFORM admin.import_org(p_slug, 'round');
    v_sank := (SELECT count(*) FROM seen LEFT JOIN config.service_configs AS c ON c.org_id = p_org AND c.config_id = seen.config_id
               WHERE c.version IS DISTINCT FROM seen.version + CASE WHEN c.value IS DISTINCT FROM seen.value THEN 1 ELSE 0 END);
    RETURN CASE WHEN EXISTS (SELECT FROM admin.diff_org(p_slug)) THEN 'differs'
        WHEN tap.digest(p_other) <> v_other THEN 'touched another organisation'
        WHEN v_sank > 0 THEN 'versions do not rise by one where a value changes'
        WHEN EXISTS (SELECT * FROM told EXCEPT SELECT * FROM config.config_history WHERE org_id = p_org) THEN 'changed the history'
        WHEN v_before < 3 THEN 'too little to show anything'
        ELSE 'equal' END;
END
$$;
SELECT format('SELECT is(tap.round_trip(''acme-inc'', tap.org(''acme-inc''), tap.org(''beta'')), ''equal'', ''round trip %s'') FROM setseed(%s);', n, n * 0.03) FROM generate_series(1, 30) AS n \gexec
SELECT cmp_ok(count(*), '>', 10::bigint, format('there were differences in %s', relation))
FROM differences GROUP BY relation;
SELECT set_eq('SELECT DISTINCT relation FROM differences', ARRAY['core.organizations', 'core.memberships', 'config.service_configs', 'core.projects', 'core.notes', 'core.documents'], 'in every table');
SELECT is(tap.round_trip('beta', tap.org('beta'), tap.org('acme-inc')), 'equal', 'round trip of the other one');

-- MARK: Out for good, and anew

SELECT is(tap.do_as('app', tap.org('acme-inc')::text, $$SELECT cpu FROM api.request_quota(p_cpu => '17', p_reason => 'growth')$$), '17', 'another quota');
SELECT is(tap.do_as('dba', NULL, $$SELECT count(*) > 0 FROM admin.export_org('acme-inc', 'before the end')$$), 'true', 'exported');
CREATE TEMP TABLE notes AS SELECT id, project_id, content FROM core.notes WHERE org_id = tap.org('acme-inc');
CREATE TEMP TABLE person AS SELECT user_id FROM core.memberships WHERE org_id = tap.org('acme-inc');
CREATE TEMP TABLE told AS SELECT count(*) AS n FROM config.config_history WHERE org_id = tap.org('acme-inc');
UPDATE beta SET digest = tap.digest(tap.org('beta'));
SELECT is(tap.do_as('dba', NULL, $$SELECT status FROM admin.delete_org('acme-inc', 'acme-inc', 'left us')$$), 'DELETING', 'deleted');
SELECT is((SELECT count(*) FROM config.service_configs WHERE org_id = tap.org('acme-inc') AND value IS NOT NULL), 0::bigint, 'pods hear of tombstones');
SELECT is(EXISTS (SELECT FROM config.service_configs WHERE org_id = tap.org('acme-inc')), true, 'whose versions stay');
SELECT is((SELECT (SELECT count(*) FROM core.projects WHERE org_id = o.id) + (SELECT count(*) FROM core.notes WHERE org_id = o.id) + (SELECT count(*) FROM core.documents WHERE org_id = o.id) + (SELECT count(*) FROM core.memberships WHERE org_id = o.id)), 0::bigint, 'its content is gone') FROM org AS o WHERE name = 'acme-inc';
SELECT is((SELECT count(*) FROM core.users WHERE id IN (SELECT user_id FROM person)), 0::bigint, 'who was nowhere else is forgotten');
SELECT is(tap.digest(tap.org('beta')), digest, 'nobody else''s') FROM beta;
SELECT ok((SELECT count(*) FROM config.config_history WHERE org_id = tap.org('acme-inc')) > n, 'its history stays, and tells of the end') FROM told;
SELECT is((SELECT string_agg(kind, ',' ORDER BY job_id) FROM (SELECT kind, job_id FROM provisioning.jobs WHERE org_id = tap.org('acme-inc') ORDER BY job_id DESC LIMIT 1) AS j), 'delete', 'its namespace follows');
SELECT is(tap.do_as('dba', NULL, $$SELECT status FROM admin.delete_org('acme-inc', 'acme-inc', 'again')$$), 'DELETING', 'safe to run again');
SELECT is(tap.try_as('dba', NULL, $$SELECT admin.import_org('acme-inc', 'r')$$), '55000', 'not back while it is being deleted');
UPDATE core.organizations SET status = 'DELETED' WHERE id = tap.org('acme-inc');
-- An export of an earlier version does not know where it says what became of it.
ALTER TABLE org_acme_inc.about DROP COLUMN became;
SELECT is(tap.do_as('dba', NULL, $$SELECT status FROM admin.import_org('acme-inc', 'came back')$$), 'PENDING', 'when it is gone, it is made anew');
INSERT INTO org SELECT 'anew', id FROM core.organizations WHERE slug = 'acme-inc' AND status = 'PENDING';
SELECT isnt(tap.org('anew'), tap.org('acme-inc'), 'as an organisation of its own');
SELECT is_empty($$SELECT * FROM admin.diff_org('acme-inc')$$, 'with all that it had');
SELECT is_empty($$(TABLE notes EXCEPT SELECT id, project_id, content FROM core.notes WHERE org_id = tap.org('anew')) UNION ALL (SELECT id, project_id, content FROM core.notes WHERE org_id = tap.org('anew') EXCEPT TABLE notes)$$, 'under the same ids');
SELECT is((SELECT cpu FROM finops.effective_quota(tap.org('anew'), now() + interval '1 second')), '17', 'and the quota that it had');
SELECT is((SELECT value FROM config.service_configs WHERE org_id = tap.org('anew') AND service = 'quota' AND key = 'cpu'), '17', 'with its mirror');
SELECT is((SELECT string_agg(DISTINCT kind, ',') FROM provisioning.jobs WHERE org_id = tap.org('anew')), 'create,quota', 'its namespace follows, too');
SELECT ok(tap.do_as('app', tap.org('anew')::text, $$SELECT (api.create_project('next')).id$$)::bigint > (SELECT max(id) FROM org_acme_inc.core_projects), 'its numbers go on');
SELECT is(tap.do_as('dba', NULL, $$SELECT (admin.import_org('acme-inc', 'once more')).id$$), tap.org('anew')::text, 'a second import is of the same');
SELECT is_empty($$SELECT * FROM admin.diff_org('acme-inc')$$, 'and brings it back again');
-- Numbers that are ahead of this database's.
BEGIN;
UPDATE org_acme_inc.core_notes SET id = id + 1000000;
SELECT is(tap.do_as('dba', NULL, $$SELECT status FROM admin.import_org('acme-inc', 'from elsewhere')$$), 'PENDING', 'ids of another database');
SELECT ok(tap.do_as('app', tap.org('anew')::text, $$SELECT (api.create_note((SELECT min(id) FROM projects), 'next')).id$$)::bigint > (SELECT max(id) FROM org_acme_inc.core_notes), 'are not given out again');
ROLLBACK;
-- Somebody else has taken the slug meanwhile.
BEGIN;
UPDATE core.organizations SET status = 'DELETED' WHERE id = tap.org('anew');
SELECT tap.committed('acme-inc');
SELECT is(tap.try_as('dba', NULL, $$SELECT admin.import_org('acme-inc', 'r')$$), '23505', 'another one has the slug');
ROLLBACK;

SELECT is(tap.do_as('dba', NULL, $$SELECT admin.drop_export('acme-inc')$$), '', 'an export is removed');
SELECT is(to_regnamespace('org_acme_inc'), NULL, 'with all that is in it');
SELECT is(tap.do_as('dba', NULL, $$SELECT admin.receive_export('new-one')$$), 'org_new_one', 'a schema for pg_restore');
SELECT is_empty($$SELECT * FROM admin.security_audit()$$, 'nothing is open');

SELECT * FROM finish();
