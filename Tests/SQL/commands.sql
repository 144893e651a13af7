-- What the provisioner's commands ask: which rights are needed, what would be applied, what is to be
-- compared, who works on what.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS
SELECT slug, (api.create_organization(gen_random_uuid(), slug, slug || '@x.example', slug)).id
FROM unnest(ARRAY['a', 'b', 'c', 'd', 'e']) AS slug;
GRANT SELECT ON org TO PUBLIC;
CREATE FUNCTION tap.id(p_slug text) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT max(id) FROM pg_temp.org WHERE slug = p_slug';

-- Which rights.
CREATE FUNCTION tap.rights(p_step text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(concat_ws(' ', verb, concat_ws('.', resource, nullif(api_group, '')), name), ', ' ORDER BY resource, name, verb)
    FROM provisioning.required_rights() WHERE p_step = ANY (string_to_array(needed_for, ', '))
$$;
SELECT is(tap.rights(step), rights, step)
FROM (VALUES
    ('namespace', 'create namespaces, delete namespaces, get namespaces, patch namespaces'),
    ('hold', 'get namespaces, patch namespaces'),
    ('pods', 'delete pods, list pods'),
    ('survey-namespaces', 'list namespaces'),
    ('quota-status', 'update resourcequotas/status tenant'),
    ('quota-limits', 'get resourcequotas tenant, patch resourcequotas/status tenant'),
    ('quota-enforced', 'get resourcequotas tenant'),
    ('service-account', 'get serviceaccounts default, patch serviceaccounts default, create serviceaccounts'),
    ('owner-role-binding', 'bind clusterroles.rbac.authorization.k8s.io admin, delete rolebindings.rbac.authorization.k8s.io owner, get rolebindings.rbac.authorization.k8s.io owner, patch rolebindings.rbac.authorization.k8s.io owner, update rolebindings.rbac.authorization.k8s.io owner, create rolebindings.rbac.authorization.k8s.io'),
    ('viewer-role-binding', 'bind clusterroles.rbac.authorization.k8s.io view, delete rolebindings.rbac.authorization.k8s.io viewer, get rolebindings.rbac.authorization.k8s.io viewer, patch rolebindings.rbac.authorization.k8s.io viewer, update rolebindings.rbac.authorization.k8s.io viewer, create rolebindings.rbac.authorization.k8s.io')) AS v (step, rights);
SELECT is(
    (SELECT count(*) FROM provisioning.blueprint AS b WHERE tap.rights(b.step) IS NULL), 0::bigint, 'every step needs some');
SELECT is((SELECT string_agg(r::text, ', ') FROM provisioning.required_rights() AS r WHERE r.resource LIKE '%{%' OR r.name LIKE '%{%' OR r.resource = ''), NULL, 'nothing is left open');
-- Whatever a plan adds.
CREATE FUNCTION tap.rights_of(p_verb text, p_path text, p_kinds text[], p_body jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO provisioning.blueprint (plan, step, wave, verb, path, kinds, body) VALUES ('standard', 'added', 2, p_verb, p_path, p_kinds, p_body);
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = tap.rights('added');
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
END
$$;
SELECT is(tap.rights_of(verb, path, kinds, body), rights, path)
FROM (VALUES
    ('create', '/api/v1/namespaces/{{namespace}}/configmaps', '{create}'::text[], '{"kind": "ConfigMap", "metadata": {"name": "c"}}'::jsonb, 'get configmaps c, update configmaps c, create configmaps'),
    ('create', '/apis/cilium.io/v2/namespaces/{{namespace}}/ciliumnetworkpolicies', '{reconcile}', '{"metadata": {"name": "c"}}', 'get ciliumnetworkpolicies.cilium.io c, patch ciliumnetworkpolicies.cilium.io c, update ciliumnetworkpolicies.cilium.io c, create ciliumnetworkpolicies.cilium.io'),
    ('create', '/apis/scheduling.k8s.io/v1/priorityclasses', '{create,compare}', '{"metadata": {"name": "c"}}', 'get priorityclasses.scheduling.k8s.io c, update priorityclasses.scheduling.k8s.io c, create priorityclasses.scheduling.k8s.io'),
    ('merge', '/api/v1/namespaces/{{namespace}}/finalize', '{delete}', '{}', 'patch namespaces/finalize'),
    ('create', '/apis/rbac.authorization.k8s.io/v1/namespaces/{{namespace}}/rolebindings', '{compare}', '{"metadata": {"name": "c"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"}}',
     'get rolebindings.rbac.authorization.k8s.io c, bind roles.rbac.authorization.k8s.io r')) AS v (verb, path, kinds, body, rights);

-- What a step says is filled in, whatever it looks like, as soon as the blueprint has changed.
BEGIN;
INSERT INTO provisioning.blueprint (plan, step, wave, verb, path, kinds, body) VALUES ('standard', 'odd', 2, 'merge', '/{{namespace}}/%s', '{suspend}',
    '{"a": "100 % of {{slug}}{{slug}}, {{No-name}} }} {{ %1$s", "b": "{{json:viewers}}", "c": "{{json:viewers}}x", "{{slug}}z": "%%"}');
CREATE FUNCTION tap.odd() RETURNS text LANGUAGE sql STABLE AS
    $$SELECT concat_ws(' ', s ->> 'path', s -> 'body') FROM jsonb_array_elements(provisioning.render(tap.id('a'), 'suspend', 1)) AS s WHERE s ->> 'step' = 'odd'$$;
SELECT is(tap.odd(), '/org-a/%s {"a": "100 % of aa, {{No-name}} }} {{ %1$s", "b": [], "c": "{{json:viewers}}x", "az": "%%"}'::text, 'every place');
UPDATE provisioning.blueprint SET body = '"{{nobody}}"' WHERE step = 'odd';
SELECT throws_ok('SELECT tap.odd()', '55000', format('the blueprint of organisation %s has an unknown variable', tap.id('a')), 'but with nothing that is not known');
UPDATE provisioning.kinds SET statuses = '{COMMITTED,FAILED,x}' WHERE kind = 'suspend';
SELECT is((SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM provisioning.templates WHERE plan = 'standard' AND kind = 'quota'), 'COMMITTED DELETED DELETING FAILED PENDING SUSPENDED x', 'for each state in which anything is done');
DELETE FROM provisioning.blueprint WHERE step = 'odd';
SELECT is(tap.odd(), NULL, 'no longer');
DELETE FROM provisioning.blueprint WHERE 'suspend' = ANY (kinds) AND cardinality(kinds) = 1;
UPDATE provisioning.blueprint SET kinds = array_remove(kinds, 'suspend');
SELECT throws_ok('SELECT tap.odd()', '55000', format('organisation %s has a plan without a blueprint for suspend', tap.id('a')), 'nor is anything of that kind');
TRUNCATE provisioning.blueprint;
SELECT is((SELECT count(*) FROM provisioning.templates), 0::bigint, 'nor anything at all');
ROLLBACK;

-- Which organisation: by slug, id or namespace.
UPDATE core.organizations AS o SET status = 'COMMITTED', namespace_uid = 'uid-' || o.slug, committed_at = now() FROM org WHERE org.id = o.id AND org.slug IN ('a', 'b');
CREATE FUNCTION tap.planned(p_name text) RETURNS text LANGUAGE sql STABLE AS
    $$SELECT tap.try_as('provisioner', NULL, format('SELECT DISTINCT slug || '' '' || status FROM provisioning.plan_objects(%L)', p_name))$$;
SELECT is(tap.planned(name), outcome, name)
FROM (VALUES ('a', 'a COMMITTED'), ('org-a', 'a COMMITTED'), (tap.id('a')::text, 'a COMMITTED'), ('c', 'c PENDING'), ('A', 'P0002'), ('', 'P0002'), ('0', 'P0002'), ('ark-platform', 'P0002'), ('nobody', 'P0002')) AS v (name, outcome);
INSERT INTO org SELECT slug, (api.create_organization(gen_random_uuid(), slug, 'n@x.example', slug)).id FROM unnest(ARRAY[tap.id('a')::text, 'org-b']) AS slug;
SELECT is(tap.planned(name), outcome, name)
FROM (VALUES (tap.id('a')::text, '22023'), ('org-b', '22023'), ('a', 'a COMMITTED'), ('org-' || tap.id('a'), tap.id('a') || ' PENDING'), ('org-org-b', 'org-b PENDING'), (tap.id('org-b')::text, 'org-b PENDING')) AS v (name, outcome);
DELETE FROM provisioning.jobs WHERE org_id = tap.id('d');
UPDATE core.organizations SET status = 'FAILED' WHERE id = tap.id('d');
SELECT is(tap.planned('d'), '55000', 'nothing is applied for one that failed');
INSERT INTO org SELECT 'd', (api.create_organization(gen_random_uuid(), 'D', 'd@x.example', 'd')).id;
SELECT is(try_as('provisioner', NULL, 'SELECT DISTINCT org_id FROM provisioning.plan_objects(''d'')'), tap.id('d')::text, 'the slug is that of who has it now');

-- What would be applied.
CREATE FUNCTION tap.plan(p_slug text, p_path text) RETURNS text LANGUAGE sql STABLE AS
    $$SELECT string_agg(coalesce(object #>> p_path::text[], '-'), ' ' ORDER BY n) FROM provisioning.plan_objects(p_slug) WITH ORDINALITY AS p (org_id, slug, namespace, status, plan, step, object, n)$$;
SELECT is(tap.plan(slug, path), outcome, format('%s %s', slug, path))
FROM (VALUES
    ('c', '{kind}', 'Namespace LimitRange NetworkPolicy RoleBinding ResourceQuota ServiceAccount Namespace'),
    ('c', '{metadata,labels,isolation-ready}', '- - - - - - true'),
    ('c', '{metadata,ownerReferences}', '- - - - - - -'),
    ('c', '{metadata,annotations,agent-ready-k8s/fence}', '0 - - - - - 0'),
    ('c', '{metadata,namespace}', '- org-c org-c org-c org-c org-c -'),
    ('c', '{metadata,uid}', '- - - - - - -'),
    ('a', '{kind}', 'Namespace RoleBinding LimitRange RoleBinding NetworkPolicy RoleBinding ResourceQuota ServiceAccount RoleBinding'),
    ('a', '{metadata,labels,isolation-ready}', 'true - - - - - - - -'),
    ('a', '{metadata,annotations,agent-ready-k8s/fence}', '- - - - - - - - -'),
    ('a', '{metadata,ownerReferences,0,uid}', '- uid-a uid-a uid-a uid-a uid-a uid-a - uid-a')) AS v (slug, path, outcome);
UPDATE core.organizations SET status = 'SUSPENDED' WHERE id = tap.id('b');
SELECT is(tap.plan(tap.id('b')::text, '{metadata,labels,isolation-ready}'), '- - - - - - - - -', 'a suspended one is closed');
SELECT is(do_as('app', tap.id('c')::text, format('SELECT (api.invite_member(%L, ''X'', ''viewer'')).role', mail)), 'viewer', mail)
FROM unnest(ARRAY['${namespace.uid}', '$${b}@x.example', 'a"${b}@x.example', 'a\"$${b}@x.example', '{{cpu}}@x.example', '${b}@x.example']) AS mail WHERE mail LIKE '%@%';
SELECT is((SELECT string_agg(s ->> 'name', ' ' ORDER BY s ->> 'name' COLLATE "C") FROM provisioning.plan_objects('c'), jsonb_array_elements(object -> 'subjects') AS s WHERE step = 'viewer-role-binding'),
    (SELECT string_agg(u.email, ' ' ORDER BY u.email COLLATE "C") FROM core.memberships AS m JOIN core.users AS u ON u.id = m.user_id WHERE m.org_id = tap.id('c') AND m.role = 'viewer'), 'what looks like a reference stands for itself');
SELECT is(try_as('dba', NULL, 'SELECT string_agg(kind || '' '' || name, '', '') FROM admin.plan(''a'') WHERE kind LIKE ''R%a''') , 'ResourceQuota tenant', 'an administrator sees it, too');
SELECT is(tap.try_as('dba', NULL, 'SELECT count(*) FROM admin.plan(''nobody'')'), 'P0002', 'if there is one');
BEGIN;
INSERT INTO provisioning.blueprint (plan, step, wave, verb, path, kinds, body) VALUES ('standard', 'open', 2, 'create', '/api/v1/namespaces/{{namespace}}/configmaps', '{compare}', '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "${resource-quota.metadata.name}"}}');
SELECT is(tap.planned('a'), '55000', 'what another answer tells cannot be planned');
ROLLBACK;

-- What is to be compared.
SELECT is(try_as('provisioner', NULL, 'SELECT slug FROM provisioning.comparisons()'), 'a,b', 'those that stand');
SELECT is(try_as('provisioner', NULL, 'SELECT slug FROM provisioning.comparisons(p_after => 0, p_batch => 1)'), 'a', 'a batch');
SELECT is(try_as('provisioner', NULL, format('SELECT slug FROM provisioning.comparisons(NULL, %s)', tap.id('a'))), 'b', 'the next');
SELECT is(try_as('provisioner', NULL, 'SELECT slug FROM provisioning.comparisons(''a'')'), 'a', 'one');
SELECT is(try_as('provisioner', NULL, format('SELECT slug FROM provisioning.comparisons(''a'', %s)', tap.id('a'))), '', 'once');
SELECT is(try_as('provisioner', NULL, 'SELECT slug FROM provisioning.comparisons(''c'')'), '55000', 'not one that is being made');
SELECT is(try_as('provisioner', NULL, 'SELECT slug FROM provisioning.comparisons(''nobody'')'), 'P0002', 'nor nobody');
SELECT is((SELECT steps FROM provisioning.comparisons('a')), provisioning.render(tap.id('a'), 'compare', 0), 'as a job of the kind compare would');
BEGIN;
ALTER TABLE finops.quota_changes DISABLE TRIGGER ALL;
DELETE FROM finops.quota_changes WHERE org_id = tap.id('a');
SELECT is((SELECT string_agg(concat_ws(' ', slug, steps IS NULL, error), ', ' ORDER BY slug) FROM provisioning.comparisons()),
    format('a t organisation %s has no quota in effect, b f', tap.id('a')), 'one that cannot be computed keeps nobody from the others');
SELECT isnt(provisioning.render(tap.id('a'), 'delete', 1), NULL, 'a deletion names no quota');
ROLLBACK;
SELECT is(try_as('provisioner', NULL, $$SELECT name FROM provisioning.find_strays('[{"name": "org-zz", "uid": "1"}, {"name": "org-a", "uid": "uid-a"}, {"name": "org-b", "uid": "x"}, {"name": "default", "uid": "2"}]')$$), 'org-b,org-zz', 'strays');
SELECT is((SELECT count(*) FROM provisioning.stray_namespaces), 0::bigint, 'are not recorded by a look');

-- Whether the database is fit.
SELECT is(try_as(login, NULL, 'SELECT outcome || '': '' || detail FROM provisioning.check_database() WHERE item = ''login'''), outcome, login)
FROM (VALUES ('provisioner', 'ok: provisioner, a member of ark_provisioner and of nothing else'), ('postgres', 'warning: postgres passes row-level security'), ('dba', '42501')) AS v (login, outcome);
BEGIN;
GRANT ark_dba TO provisioner;
SELECT is(try_as('provisioner', NULL, 'SELECT outcome || '': '' || detail FROM provisioning.check_database() WHERE item = ''login'''), 'warning: provisioner is a member of ark_dba, too', 'more rights than needed');
ROLLBACK;
BEGIN;
INSERT INTO provisioning.plans (plan, cpu, memory, storage, description) VALUES ('gold', '1', '1', '1', 'd');
INSERT INTO provisioning.blueprint (plan, step, wave, verb, path, kinds, body) VALUES ('gold', 'pods', 1, 'clear', '/api/v1/namespaces/{{namespace}}/pods', '{suspend,delete,create,compare,reconcile}', 'null');
SELECT is(try_as('provisioner', NULL, 'SELECT outcome || '': '' || detail FROM provisioning.check_database() WHERE item = ''blueprint'''), 'failed: plan gold has no steps for members, quota, resume, sweep', 'a plan that lacks steps');
ROLLBACK;
-- Steps that nobody could compute, and that a claim would find out too late: of an undo not even a failed job tells.
CREATE FUNCTION tap.unfit(p_set text, p_steps text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('UPDATE provisioning.blueprint SET %s WHERE step = ANY (%L)', p_set, p_steps);
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = tap.try_as('provisioner', NULL,
        'SELECT item || '' '' || outcome || '': '' || detail FROM provisioning.check_database() WHERE item IN (''blueprint'', ''undo'') AND outcome <> ''ok''');
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
END
$$;
SELECT is(tap.unfit(change, steps), told, change)
FROM (VALUES
    ('wave = wave', '{close}', ''),
    ('path = ''/{{nothing}}'' || path', '{close}', 'blueprint failed: plan standard, delete, suspend: {{nothing}} is no variable,undo failed: plan standard: {{nothing}} is no variable'),
    ('body = ''{"a": "{{json:cpus}}"}''', '{close}', 'blueprint failed: plan standard, delete, suspend: {{json:cpus}} is no variable,undo failed: plan standard: {{json:cpus}} is no variable'),
    ('body = ''{"a": "{{json:owners}} {{slug}}", "b": "{{json:fence}}"}''', '{close}', ''),
    ('body = ''{"a": "${namespaces.metadata.uid}"}''', '{close}', 'blueprint failed: plan standard, delete, suspend: ${namespaces} is the answer to no step,undo failed: plan standard: ${namespaces} is the answer to no step'),
    ('body = ''{"a": "$${namespaces.metadata.uid}", "b": "not ${namespaces.metadata.uid}"}''', '{close}', ''),
    ('body = ''{"a": "${resource-quota.metadata.uid}"}'', kinds = ''{members,sweep}''', '{limit-range}', 'blueprint failed: plan standard, members: ${resource-quota} is the answer to no step,undo failed: plan standard: ${resource-quota} is the answer to no step')) AS v (change, steps, told);
SELECT is((SELECT count(*) FROM provisioning.blueprint_errors()), 0::bigint, 'of what is deployed, every step can be computed');

-- Who works on what.
DELETE FROM provisioning.jobs;
UPDATE provisioning.lanes SET next_at = NULL;
INSERT INTO provisioning.jobs (org_id, kind, priority, run_at, created_at)
SELECT tap.id('a'), 'quota', 2, clock_timestamp() - n * interval '1 minute', clock_timestamp() - n * interval '1 minute' FROM generate_series(1, 3) AS n;
INSERT INTO provisioning.jobs (org_id, kind, state, worker, lease_until, attempts) VALUES
    (tap.id('a'), 'members', 'running', 'host:1:x', clock_timestamp() + interval '9 s', 1), (tap.id('b'), 'suspend', 'running', 'host:2:y', clock_timestamp() - interval '1 minute', 2);
SELECT is(try_as('monitor', NULL, 'SELECT concat_ws('' '', worker, slug, kind, attempt, is_silent) FROM admin.workers()'), 'host:1:x a members 1 f,host:2:y b suspend 2 t', 'workers');
SELECT is(try_as('dba', NULL, 'SELECT concat_ws('' '', slug, queued, running, date_trunc(''minute'', oldest)) FROM admin.lanes()'), 'a 3 members 00:03:00,b 0 suspend 00:00:00', 'lanes');
CREATE FUNCTION tap.status(p_path text) RETURNS text LANGUAGE sql STABLE AS
    $$SELECT tap.try_as('provisioner', NULL, format('SELECT provisioning.status() #>> %L', p_path))$$;
SELECT is(tap.status(path), outcome, path)
FROM (VALUES
    ('{apiVersion}', 'agent-ready-k8s/v1'), ('{kind}', 'ProvisionerStatus'), ('{organizations,COMMITTED}', '1'), ('{organizations,SUSPENDED}', '1'), ('{organizations,PLATFORM}', 'NULL'),
    ('{queue,1,jobs}', '3'), ('{queue,1,due}', '3'), ('{lane_count}', '2'), ('{lanes,0,queued}', '3'), ('{lanes,0,running}', 'members'),
    ('{oldest_waiting,slug}', 'a'), ('{workers,0,slug}', 'a'),
    ('{stuck,3,slug}', 'b'), ('{stuck,3,what_to_do}', 'Nothing: another worker takes it over within seconds, if one runs.'), ('{maintenance,0,task}', 'compare-tenants')) AS v (path, outcome);
SELECT ok(tap.status(path)::integer BETWEEN least AND least + 20, path)
FROM (VALUES ('{queue,1,oldest_seconds}', 180), ('{oldest_waiting,waits_seconds}', 180), ('{workers,0,lease_seconds}', -11), ('{workers,1,lease_seconds}', -80)) AS v (path, least);
SELECT is((SELECT concat_ws(' ', s ->> 'stuck_count', jsonb_array_length(s -> 'stuck'), s ->> 'lane_count', jsonb_array_length(s -> 'lanes')) FROM provisioning.status(1) AS s), '4 1 2 1', 'not all of many');
UPDATE provisioning.maintenance SET next_at = clock_timestamp() + interval '1 h';
DELETE FROM provisioning.jobs;
SELECT is(tap.status('{trouble}'), '[]', 'nothing is bad');
SELECT is(tap.status('{oldest_waiting}'), 'NULL', 'and nobody waits');
UPDATE provisioning.maintenance SET error = 'no room' WHERE task = 'seal-history';
INSERT INTO provisioning.jobs (org_id, kind, state, finished_at, error_code, error) VALUES (tap.id('a'), 'quota', 'failed', now(), 'invalid', 'no');
INSERT INTO provisioning.rollouts (batch, max_failures, state, actor, reason) VALUES (1, 1, 'stopped', 'a', 'r');
UPDATE provisioning.maintenance SET next_at = '2026-01-01 00:00:00+00' WHERE task = 'make-partitions';
SET TIME ZONE UTC;
SELECT is((SELECT jsonb_agg(t ORDER BY t COLLATE "C") FROM jsonb_array_elements_text(provisioning.status() -> 'trouble') AS t),
    '["1 jobs do not get on", "roll-out 1 has stopped: ", "timed work fails: seal-history: no room", "timed work is left undone since 2026-01-01 00:00:00+00: no provisioner runs"]', 'what is bad');
SELECT is(try_as(login, NULL, statement), '42501', format('%s: %s', login, statement))
FROM unnest(ARRAY['app', 'app_strict', 'app_ro', 'pod_ai', 'bridge', 'gateway', 'dba', 'monitor', 'auditor']) AS login,
    unnest(ARRAY['SELECT provisioning.status()', 'SELECT * FROM provisioning.plan_objects(''a'')', 'SELECT * FROM provisioning.required_rights()', 'SELECT * FROM provisioning.comparisons()',
                 'SELECT * FROM provisioning.find_strays(''[]'')', 'SELECT * FROM provisioning.check_database()']) AS statement;
SELECT is(try_as(login, NULL, statement), '42501', format('%s: %s', login, statement))
FROM unnest(ARRAY['app', 'gateway', 'provisioner', 'bridge']) AS login, unnest(ARRAY['SELECT * FROM admin.workers()', 'SELECT * FROM admin.lanes()', 'SELECT * FROM admin.plan(''a'')']) AS statement;

SELECT * FROM finish();
