-- What an administrator asks and does at three in the morning.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS
SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id AS acme,
       (api.create_organization(gen_random_uuid(), 'Beta', 'b@beta.example')).id AS beta;
CREATE TEMP TABLE job AS SELECT org_id, job_id FROM provisioning.jobs;

SELECT is(try_as('dba', NULL, 'SELECT concat_ws('' '', kind, state, jobs, due) FROM admin.queue()'), 'create queued 2 2', 'the queue in figures');
SELECT is(try_as('monitor', NULL, 'SELECT count(*) FROM admin.stuck_jobs()'), '0', 'nothing is stuck yet');
SELECT is(try_as('monitor', NULL, $$SELECT slug || ': ' || why FROM admin.stuck_jobs('0') ORDER BY slug$$), 'acme: nobody has taken it,beta: nobody has taken it', 'nobody works');

-- One attempt after another.
SELECT is(do_as('provisioner', NULL, $$SELECT fence FROM provisioning.claim('w', '1 minute')$$), '1', 'claimed');
SELECT is(try_as('dba', NULL, format($$SELECT admin.retry_job(%s, 'r')$$, job_id)), '55000', 'what runs is left alone') FROM job, org WHERE org_id = acme;
SELECT is(do_as('provisioner', NULL, format($$SELECT next FROM provisioning.fail(%s, %s, 1, 'unavailable', 'connection refused', '1 hour', '[]')$$, org_id, job_id)), 'retry', 'failed')
FROM job, org WHERE org_id = acme;
SELECT is(try_as('monitor', NULL, $$SELECT why FROM admin.stuck_jobs('0') WHERE slug = 'acme'$$), 'unavailable: connection refused', 'it is said why');
SELECT is(do_as('dba', NULL, format($$SELECT admin.retry_job(%s, 'network is back') <= clock_timestamp()$$, job_id)), 'true', 'tried at once') FROM job, org WHERE org_id = acme;
SELECT is(do_as('provisioner', NULL, $$SELECT count(*) FROM provisioning.claim('w', '1 minute')$$), '1', 'another lane first');
SELECT is(do_as('provisioner', NULL, $$SELECT fence FROM provisioning.claim('w', '1 minute')$$), '2', 'it is handed out again');

-- Given up, undone, begun anew.
SELECT is(do_as('provisioner', NULL, format($$SELECT next FROM provisioning.fail(%s, %s, 2, 'invalid', 'no such field', NULL, '[]')$$, org_id, job_id)), 'undo', 'given up')
FROM job, org WHERE org_id = acme;
SELECT is(do_as('provisioner', NULL, $$SELECT fence FROM provisioning.claim('w', '1 minute')$$), '3', 'the undo');
SELECT is(do_as('provisioner', NULL, format($$SELECT provisioning.complete(%s, %s, 3, NULL, '[]')$$, org_id, job_id)), 'FAILED', 'is done') FROM job, org WHERE org_id = acme;
SELECT is(try_as('dba', NULL, $$SELECT why || ' | ' || what_to_do FROM admin.stuck_jobs() WHERE slug = 'acme'$$),
    format('given up: invalid: no such field | SELECT admin.retry_job(%s, ''why'');', job_id), 'a dead letter, and what to do') FROM job, org WHERE org_id = acme;
SELECT is(try_as('dba', NULL, $$SELECT admin.redrive('')$$), '22023', 'a reason is needed');
SELECT is(do_as('dba', NULL, $$SELECT admin.redrive('the blueprint is mended')$$), '1', 'redriven');
SELECT is((SELECT status FROM core.organizations WHERE id = acme), 'PENDING', 'it begins anew') FROM org;
SELECT is(do_as('provisioner', NULL, $$SELECT undo || ' ' || fence FROM provisioning.claim('w', '1 minute')$$), 'false 4', 'and builds');
SELECT is(do_as('provisioner', NULL, format($$SELECT next FROM provisioning.fail(%s, %s, 4, 'invalid', 'still', NULL, '[]')$$, org_id, job_id)), 'undo', 'given up again') FROM job, org WHERE org_id = acme;
SELECT is(do_as('provisioner', NULL, $$SELECT fence FROM provisioning.claim('w', '1 minute')$$), '5', 'undone');
SELECT is(do_as('provisioner', NULL, format($$SELECT provisioning.complete(%s, %s, 5, NULL, '[]')$$, org_id, job_id)), 'FAILED', 'again') FROM job, org WHERE org_id = acme;
SELECT lives_ok($$SELECT api.create_organization(gen_random_uuid(), 'Acme', 'c@acme.example')$$, 'somebody else takes the name');
SELECT is(try_as('dba', NULL, format($$SELECT admin.retry_job(%s, 'r')$$, job_id)), '23505', 'the name is taken') FROM job, org WHERE org_id = acme;
SELECT is(try_as('dba', NULL, $$SELECT admin.redrive('r')$$), '0', 'so it is passed over');

-- Cancelled.
UPDATE provisioning.jobs SET state = 'queued', worker = NULL, lease_until = NULL FROM org WHERE org_id = beta;
SELECT is(do_as('dba', NULL, format($$SELECT admin.cancel_job(%s, 'ordered by mistake')$$, job_id)), 'undo', 'a creation is taken back') FROM job, org WHERE org_id = beta;
SELECT is(do_as('app', beta::text, $$SELECT cpu FROM api.request_quota(p_cpu => '11', p_reason => 'r')$$), '11', 'another kind') FROM org;
SELECT is(try_as('dba', NULL, format($$SELECT admin.cancel_job(%s, 'r')$$, max(job_id))), 'failed', 'is given up') FROM provisioning.jobs WHERE kind = 'quota';
SELECT is(try_as('dba', NULL, 'SELECT admin.cancel_job(0, ''r'')'), 'P0002', 'no such job');
SELECT is(try_as('dba', NULL, $$SELECT string_agg(new || ': ' || reason, ', ' ORDER BY changed_at) FROM admin.changes() WHERE what = 'job'$$),
    'retry: network is back, retry: the blueprint is mended, cancel: ordered by mistake', 'every intervention is recorded');
SELECT is(try_as('auditor', NULL, $$SELECT what || ' ' || new FROM admin.changes('beta') WHERE what LIKE 'quota.cpu%' LIMIT 1$$), 'quota.cpu v2 11', 'and every change');
SELECT is(try_as(login, NULL, statement), '42501', format('%s: %s', login, statement))
FROM unnest(ARRAY['app', 'app_strict', 'app_ro', 'pod_ai', 'bridge', 'gateway', 'provisioner']) AS login,
    unnest(ARRAY['SELECT admin.retry_job(1, ''r'')', 'SELECT admin.cancel_job(1, ''r'')', 'SELECT admin.redrive(''r'')', 'SELECT * FROM admin.changes()',
                 'SELECT * FROM admin.queue()', 'SELECT * FROM admin.stuck_jobs()', 'SELECT * FROM admin.pods()']) AS statement;

-- Pods.
UPDATE config.feed SET epoch = 7;
UPDATE config.feed_services SET seq = 20 WHERE service = 'ai';
SELECT is(do_as('pod_ai', NULL, format($$SELECT api.report_pod('ai', %L, %L, %s, %s, 4, 20, 9)$$, pod, state, epoch, seq)), '', pod || ' reports')
FROM (VALUES ('a', 'READY', 7, 20), ('b', 'READY', 7, 18), ('c', 'STALE', 7, 20), ('d', 'READY', 6, 90), ('e', 'READY', 7, 20)) AS v (pod, state, epoch, seq);
UPDATE config.pods SET reported_at = reported_at - interval '5 minutes' WHERE pod = 'e';
SELECT is(try_as('monitor', NULL, $$SELECT pod || ': ' || left(why, 10) FROM admin.drift()$$), 'b: 2 announce,c: is STALE,d: holds epoc,e: silent for', 'who differs, and why');
SELECT is(try_as('monitor', NULL, $$SELECT concat_ws(' ', service, pods, current_pods, reloads, mean_ms, max_ms) FROM admin.reload_latency()$$), 'ai 5 2 20 5.0 9.0', 'how long it took');
SELECT is(try_as('pod_ai', NULL, format($$SELECT api.report_pod(%s)$$, a)), outcome, a)
FROM (VALUES ($$'email', 'x', 'READY', 1, 1, 1, 1, 1$$, '42501'), ($$'ai', 'x', 'FINE', 1, 1, 1, 1, 1$$, '23514'), ($$'ai', '', 'READY', 1, 1, 1, 1, 1$$, '23514'),
    ($$'ai', 'x', 'READY', 1, 1, -1, 1, 1$$, '23514')) AS v (a, outcome);

SELECT * FROM finish();
