-- Quantities by value, and what can be asked for.
SELECT * FROM no_plan();

SELECT is(finops.quantity(text), value, format('%s is %s', text, value))
FROM (VALUES
    ('0', 0), ('10', 10), ('1.5', 1.5), ('.5', 0.5), ('5.', 5), ('+3', 3), ('-1', -1),
    ('500m', 0.5), ('1u', 0.000001), ('1n', 0.000000001), ('1k', 1000), ('1M', 1000000), ('2G', 2e9), ('1T', 1e12),
    ('1P', 1e15), ('1E', 1e18), ('1Ki', 1024), ('1Mi', 1048576), ('20Gi', 21474836480), ('1Ti', 1099511627776),
    ('1Pi', 1125899906842624), ('1Ei', 1152921504606846976), ('12e6', 12000000), ('12E6', 12000000), ('1e-3', 0.001)
) AS v (text, value);
SELECT throws_ok(format('SELECT finops.quantity(%L)', text), '22023', NULL, format('no quantity: %L', text))
FROM unnest(ARRAY['', ' ', '1 Gi', '1gi', '1K', '1ki', '1m1', 'Gi', '.', '1,5', '1Gi ', '0x10', '1e', 'NaN', 'Infinity', '١', '--1', '1GiB', E'1\n']) AS text;
-- Kubernetes' own canonical forms are equal to what they come from.
SELECT is(finops.quantity(a), finops.quantity(b), format('%s = %s', a, b))
FROM (VALUES ('1000m', '1'), ('1024Ki', '1Mi'), ('0.5', '500m'), ('1e3', '1k'), ('2147483648', '2Gi')) AS v (a, b);

CREATE TEMP TABLE org AS
SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id AS id;

SELECT is(do_as('app', id::text, $$SELECT notice FROM api.request_quota(p_cpu => '20', p_reason => 'growth', p_actor => 'ann@acme.example')$$),
    'active for new pods; running pods keep their limits until restarted', 'a quota, and when it is active') FROM org;
SELECT is(try_as('app', id::text, $$SELECT concat_ws(' ', cpu, memory, storage, reason, actor) FROM quota_changes ORDER BY change_id DESC LIMIT 1$$),
    '20 20Gi 10Gi growth ann@acme.example', 'what was not asked for stays; who and why are recorded') FROM org;
SELECT is(try_as('app', id::text, $$SELECT value || ' ' || version FROM service_configs WHERE service = 'quota' AND key = 'cpu'$$), '20 2', 'the mirror') FROM org;
SELECT is(try_as('app', id::text, $$SELECT concat_ws(' ', changed_by, reason) FROM config_history WHERE service = 'quota' AND key = 'cpu' AND version = 2$$),
    'ann@acme.example growth', 'and its history') FROM org;
SELECT is((SELECT count(*) FROM provisioning.jobs WHERE org_id = org.id AND kind = 'quota' AND state = 'queued'), 1::bigint, 'a job') FROM org;

SELECT is(try_as('app', id::text, format('SELECT api.request_quota(%s)', arguments)), outcome, arguments)
FROM org, (VALUES
    ($$p_cpu => '20'$$, '22023'), ($$p_cpu => '20', p_reason => ' '$$, '22023'), ($$p_reason => 'r'$$, '22023'),
    ($$p_cpu => '20 cores', p_reason => 'r'$$, '22023'), ($$p_memory => '20GB', p_reason => 'r'$$, '22023'),
    ($$p_cpu => '-1', p_reason => 'r'$$, '22023'), ($$p_memory => '-1', p_reason => 'r'$$, '22023'), ($$p_storage => '-1Gi', p_reason => 'r'$$, '22023'),
    ($$p_cpu => '30', p_reason => 'r', p_effective_at => now() - interval '1 day'$$, '22023')
) AS v (arguments, outcome);
SELECT is(try_as('app', id::text, $$SELECT notice FROM api.request_quota(p_cpu => '20000m', p_reason => 'the same')$$),
    'unchanged: that is the quota already', 'compared by value') FROM org;
SELECT is(try_as('app', id::text, $$SELECT (SELECT count(*) FROM quota_changes) FROM api.request_quota(p_cpu => '20000m', p_reason => 'the same')$$),
    '2', 'nothing is recorded') FROM org;
SELECT is(try_as(login, id::text, $$SELECT api.request_quota(p_cpu => '1', p_reason => 'r')$$), '42501', login || ' asks for nothing')
FROM org, unnest(ARRAY['app_ro', 'pod_ai', 'bridge', 'monitor', 'auditor']) AS login;
SELECT is(try_as('app', NULL, $$SELECT api.request_quota(p_cpu => '1', p_reason => 'r')$$), '55000', 'nor does nobody');

-- Less than is in use, when that is known.
SELECT is(try_as('app', id::text, $$SELECT cpu FROM api.request_quota(p_cpu => '1', p_reason => 'r')$$), '1', 'unknown use refuses nothing') FROM org;
SELECT is(do_as('provisioner', NULL, format($$SELECT provisioning.report_usage(%s, '7500m', '4Gi', '0')$$, id)), '', 'the provisioner reports') FROM org;
SELECT is(try_as('app', id::text, format('SELECT cpu FROM api.request_quota(p_cpu => %L, p_reason => ''r'')', cpu)), outcome, 'cpu ' || cpu)
FROM org, (VALUES ('7', '55000'), ('7499m', '55000'), ('7.5', '7.5'), ('8', '8')) AS v (cpu, outcome);
SELECT is(try_as('app', id::text, $$SELECT memory FROM api.request_quota(p_memory => '4095Mi', p_reason => 'r')$$), '55000', 'memory, by value') FROM org;

SELECT is(do_as('provisioner', NULL, format($$SELECT provisioning.report_usage(%s, '7500m', '4Gi', '2Gi')$$, id)), '', 'it reports again') FROM org;
SELECT is(try_as('app', id::text, format('SELECT storage FROM api.request_quota(p_storage => %L, p_reason => ''r'')', storage)), outcome, 'storage ' || storage)
FROM org, (VALUES ('2047Mi', '55000'), ('2Gi', '2Gi')) AS v (storage, outcome);
-- The mirror borrows reason and actor, and gives them back.
SELECT is(try_as('app', id::text, $$WITH own AS MATERIALIZED (SELECT set_config('app.reason', 'mine', true) AS r, set_config('app.actor', 'me', true) AS a),
    change AS MATERIALIZED (SELECT q.cpu FROM own, LATERAL api.request_quota(p_cpu => '21', p_reason => 'growth' || left(own.r, 0), p_actor => 'ann' || left(own.a, 0)) AS q)
    SELECT cpu || ' ' || current_setting('app.reason') || '/' || current_setting('app.actor') FROM change$$),
    '21 mine/me', 'the transaction keeps its own reason and actor') FROM org;

-- Ahead of time, in order.
SELECT is(do_as('app', id::text, $$SELECT cpu FROM api.request_quota(p_cpu => '40', p_reason => 'christmas', p_effective_at => now() + interval '1 month')$$),
    '40', 'a quota from next month on') FROM org;
SELECT ok((SELECT j.run_at > now() + interval '27 days' FROM provisioning.jobs AS j WHERE j.org_id = org.id AND j.kind = 'quota' ORDER BY job_id DESC LIMIT 1),
    'its job waits') FROM org;
SELECT is(try_as('app', id::text, 'SELECT value FROM service_configs WHERE service = ''quota'' AND key = ''cpu'''), '20', 'the mirror waits, too') FROM org;
SELECT is(finops.mirror_due_quotas(), 0::bigint, 'for its time');
SELECT is(try_as('app', id::text, format('SELECT api.request_quota(p_cpu => ''50'', p_reason => ''r'', p_effective_at => %L)', at)), '22023', 'not for ' || left(at, 12))
FROM org, unnest(ARRAY['infinity', '-infinity', '294276-01-01', (now() + interval '1 year 1 day')::text]) AS at;
SELECT is((SELECT q.cpu FROM finops.effective_quota(id, now() + interval '2 months') AS q), '40', 'it holds when its time has come') FROM org;
SELECT is(do_as('app', id::text, $$SELECT cpu || ' ' || memory FROM api.request_quota(p_cpu => '20', p_reason => 'no christmas')$$), '20 ' || q.memory, 'a newer request') FROM org, finops.effective_quota(id, now()) AS q;
SELECT is((SELECT q.cpu FROM finops.effective_quota(id, now() + interval '2 months') AS q), '20', 'supersedes it, although it asks for what is') FROM org;
-- As if it had been recorded an hour before its time, which has come.
ALTER TABLE finops.quota_changes DISABLE TRIGGER mirror;
INSERT INTO finops.quota_changes (org_id, cpu, memory, storage, effective_at, recorded_at, reason, actor)
SELECT id, '33', '20Gi', '10Gi', now() - interval '1 minute', now() - interval '1 hour', 'later', 'ann' FROM org;
ALTER TABLE finops.quota_changes ENABLE ALWAYS TRIGGER mirror;
SELECT is(finops.mirror_due_quotas(), 1::bigint, 'a quota whose time has come');
SELECT is(try_as('app', id::text, $$SELECT new_value || ' ' || reason || ' ' || changed_by FROM config_history WHERE service = 'quota' AND key = 'cpu' ORDER BY version DESC LIMIT 1$$), '33 later ann', 'is mirrored, as who asked for it') FROM org;
SELECT is(finops.mirror_due_quotas(), 0::bigint, 'once');
-- Whatever a lane says, a worker knows how long to sleep.
BEGIN;
UPDATE provisioning.lanes SET next_at = 'infinity';
SELECT is(try_as('provisioner', NULL, 'SELECT provisioning.next_due() IS NULL'), 'true', 'a lane that is never due is no reason to wake');
ROLLBACK;

SELECT is(try_as(login, id::text, statement), '42501', format('%s: %s', login, statement))
FROM org, unnest(ARRAY['app', 'app_ro', 'app_strict', 'dba']) AS login,
    unnest(ARRAY[
        $$INSERT INTO quota_changes (org_id, cpu, memory, storage, reason, actor) VALUES (1, '1', '1', '1', 'r', 'a')$$,
        $$UPDATE quota_changes SET cpu = '1'$$, 'DELETE FROM quota_changes', 'TRUNCATE quota_changes']) AS statement;

BEGIN;
ALTER TABLE finops.quota_changes DISABLE TRIGGER mirror;
INSERT INTO finops.quota_changes (org_id, cpu, memory, storage, effective_at, recorded_at, reason, actor)
SELECT id, '34', '20Gi', '10Gi', now() - interval '1 minute', now() - interval '1 hour', 'later', 'ann' FROM org;
UPDATE core.organizations SET status = 'DELETING' FROM org WHERE organizations.id = org.id;
SELECT is(finops.mirror_due_quotas(), 0::bigint, 'not into one that is being deleted');
ROLLBACK;

SELECT is(finops.quantity(text), value, text)
FROM (VALUES ('999999999999999999e-17', 9.99999999999999999), ('1e-20', 0.00000000000000000001), ('5e3', 5000), ('2E2', 200)) AS v (text, value);


SELECT * FROM finish();
