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
CREATE FUNCTION tap.reported(p_job bigint) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_agg(jsonb_build_object('step', s, 'outcome', 'deleted', 'milliseconds', 1)) FROM provisioning.jobs AS j, unnest(j.steps) AS s WHERE j.job_id = p_job
$$;
SELECT is(do_as('provisioner', NULL, format($$SELECT next FROM provisioning.fail(%s, %s, 2, 'invalid', 'no such field', NULL, '[]')$$, org_id, job_id)), 'undo', 'given up')
FROM job, org WHERE org_id = acme;
SELECT is(do_as('provisioner', NULL, $$SELECT fence FROM provisioning.claim('w', '1 minute')$$), '3', 'the undo');
SELECT is(try_as('provisioner', NULL, format($$SELECT provisioning.complete(%s, %s, 3, NULL, %L)$$, org_id, job_id, tap.reported(job_id) - 1)), '55000', 'is not done when a step is missing') FROM job, org WHERE org_id = acme;
SELECT is(do_as('provisioner', NULL, format($$SELECT provisioning.complete(%s, %s, 3, NULL, %L)$$, org_id, job_id, tap.reported(job_id))), 'FAILED', 'is done') FROM job, org WHERE org_id = acme;
SELECT is(try_as('dba', NULL, $$SELECT why || ' | ' || what_to_do FROM admin.stuck_jobs() WHERE slug = 'acme'$$),
    format('given up: invalid: no such field | SELECT admin.retry_job(%s, ''why'');', job_id), 'a dead letter, and what to do') FROM job, org WHERE org_id = acme;
SELECT is(try_as('dba', NULL, $$SELECT admin.redrive('')$$), '22023', 'a reason is needed');
SELECT is(do_as('dba', NULL, $$SELECT admin.redrive('the blueprint is mended')$$), '1', 'redriven');
SELECT is((SELECT status FROM core.organizations WHERE id = acme), 'PENDING', 'it begins anew') FROM org;
SELECT is(do_as('provisioner', NULL, $$SELECT undo || ' ' || fence FROM provisioning.claim('w', '1 minute')$$), 'false 4', 'and builds');
SELECT is(do_as('provisioner', NULL, format($$SELECT next FROM provisioning.fail(%s, %s, 4, 'invalid', 'still', NULL, '[]')$$, org_id, job_id)), 'undo', 'given up again') FROM job, org WHERE org_id = acme;
SELECT is(do_as('provisioner', NULL, $$SELECT fence FROM provisioning.claim('w', '1 minute')$$), '5', 'undone');
SELECT is(do_as('provisioner', NULL, format($$SELECT provisioning.complete(%s, %s, 5, NULL, %L)$$, org_id, job_id, tap.reported(job_id))), 'FAILED', 'again') FROM job, org WHERE org_id = acme;
SELECT lives_ok($$SELECT api.create_organization(gen_random_uuid(), 'Acme', 'c@acme.example')$$, 'somebody else takes the name');
SELECT is(try_as('dba', NULL, format($$SELECT admin.retry_job(%s, 'r')$$, job_id)), '23505', 'the name is taken') FROM job, org WHERE org_id = acme;
SELECT is(try_as('dba', NULL, $$SELECT admin.redrive('r')$$), '0', 'so it is passed over');

-- Cancelled.
UPDATE provisioning.jobs SET state = 'queued', worker = NULL, lease_until = NULL FROM org WHERE org_id = beta;
SELECT is(do_as('dba', NULL, format($$SELECT admin.cancel_job(%s, 'ordered by mistake')$$, job_id)), 'undo', 'a creation is taken back') FROM job, org WHERE org_id = beta;
SELECT is(do_as('app', beta::text, $$SELECT cpu FROM api.request_quota(p_cpu => '11', p_reason => 'r')$$), '11', 'another kind') FROM org;
SELECT is(do_as('dba', NULL, format($$SELECT admin.cancel_job(%s, 'no more')$$, max(job_id))), 'failed', 'is given up') FROM provisioning.jobs WHERE kind = 'quota';
SELECT is(try_as('dba', NULL, 'SELECT admin.cancel_job(0, ''r'')'), 'P0002', 'no such job');
SELECT is(try_as('dba', NULL, $$SELECT string_agg(new || ': ' || reason, ', ' ORDER BY changed_at) FROM admin.changes() WHERE what LIKE 'job %'$$),
    'retry: network is back, retry: the blueprint is mended, cancel: ordered by mistake, cancel: no more', 'every intervention is recorded');
SELECT is(try_as('auditor', NULL, $$SELECT what || ' ' || new FROM admin.changes('beta') WHERE what LIKE 'quota.cpu%' LIMIT 1$$), 'quota.cpu v2 11', 'and every change');
SELECT is(try_as(login, NULL, statement), '42501', format('%s: %s', login, statement))
FROM unnest(ARRAY['app', 'app_strict', 'app_ro', 'pod_ai', 'bridge', 'gateway', 'provisioner']) AS login,
    unnest(ARRAY['SELECT admin.retry_job(1, ''r'')', 'SELECT admin.cancel_job(1, ''r'')', 'SELECT admin.redrive(''r'')', 'SELECT * FROM admin.changes()',
                 'SELECT * FROM admin.queue()', 'SELECT * FROM admin.stuck_jobs()', 'SELECT * FROM admin.pods()']) AS statement;

-- Why a job does not get on: each of the reasons.
CREATE FUNCTION tap.stuck(p_update text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'UPDATE provisioning.jobs SET ' || p_update || ' FROM org WHERE org_id = beta AND kind = ''quota''';
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = coalesce((SELECT string_agg(regexp_replace(why, '\d{4}-.*', 'then') || ' | ' || left(what_to_do, 22), E'\n') FROM admin.stuck_jobs() WHERE slug = 'beta' AND kind = 'quota'), 'nothing');
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
END
$$;
-- As a kind that this version knows by name only.
UPDATE provisioning.kinds SET served = false WHERE kind = 'quota';
SELECT is(tap.stuck(change), outcome, change)
FROM (VALUES
    ('run_at = run_at', 'nothing'),
    ('state = ''running'', finished_at = NULL, worker = ''w'', lease_until = now() - interval ''1 s''', 'its worker w is silent since then | Nothing: another worke'),
    ('state = ''running'', finished_at = NULL, worker = ''w'', lease_until = now() + interval ''1 h''', 'nothing'),
    ('state = ''queued'', finished_at = NULL, error_code = NULL, error = NULL, run_at = now() - interval ''1 h''', 'no provisioner serves jobs of kind quota yet | A newer provisioner se'),
    ('state = ''queued'', finished_at = NULL, error_code = NULL, error = NULL, run_at = now() + interval ''1 h''', 'nothing'),
    ('error_code = ''invalid'', error = ''x''', 'given up: invalid: x | SELECT admin.retry_job')) AS v (change, outcome);
UPDATE provisioning.kinds SET served = true WHERE kind = 'quota';
SELECT is(tap.stuck('state = ''queued'', finished_at = NULL, error_code = NULL, error = NULL, run_at = now() - interval ''1 h'''),
    'an earlier job of the organisation is not finished | It waits for the one b', 'it waits for another');
SELECT is(try_as('dba', NULL, $$SELECT admin.redrive('r')$$), '0', 'what was cancelled is not redriven');
SELECT is((SELECT state || ' ' || error_code FROM provisioning.jobs WHERE kind = 'quota'), 'failed cancelled', 'and stays so');
BEGIN;
UPDATE provisioning.jobs SET created_at = clock_timestamp() - interval '1 hour' FROM org WHERE org_id = beta AND kind = 'create';
INSERT INTO provisioning.jobs (org_id, kind, run_at, created_at) SELECT beta, 'create', now(), clock_timestamp() - interval '3 hours' FROM org;
UPDATE provisioning.jobs SET undo = true WHERE kind = 'create' AND state = 'queued';
SELECT is((SELECT date_trunc('minute', oldest) FROM admin.queue() WHERE state = 'queued (undo)'), interval '3 hours', 'the age of the oldest');
ROLLBACK;
SELECT is(try_as('dba', NULL, $$SELECT count(*) FROM admin.changes('beta') WHERE slug <> 'beta'$$), '0', 'of one organisation only');
SELECT is(try_as('dba', NULL, $$SELECT count(*) > 3 FROM admin.changes('beta')$$), 'true', 'and something of it');
SELECT is(try_as('dba', NULL, format('SELECT count(*) FROM admin.%s(''acmee'')', f)), 'P0002', f || ' of an organisation that is not there')
FROM unnest(ARRAY['changes', 'steps', 'jobs']) AS f;

-- The views say what the functions say, to the same roles, and are explained.
CREATE TEMP TABLE view AS
SELECT c.oid, c.relname AS name FROM pg_class AS c WHERE c.relkind = 'v' AND c.relnamespace = 'admin'::regnamespace;
SELECT cmp_ok(count(*), '>=', 12::bigint, 'there are views') FROM view;
SELECT ok(length(obj_description(oid, 'pg_class')) > 40, name || ' has a COMMENT') FROM view;
SELECT is(try_as(login, NULL, format('SELECT count(*) >= 0 FROM admin.%I', name)), try_as(login, NULL, format('SELECT count(*) >= 0 FROM admin.%I()', name)), format('%s: admin.%s', login, name))
FROM view, unnest(ARRAY['dba', 'monitor', 'auditor', 'app', 'app_strict', 'gateway', 'bridge', 'provisioner', 'pod_ai']) AS login;

-- Pods.
UPDATE config.feed SET epoch = 7;
UPDATE config.feed_services SET seq = 20 WHERE service = 'ai';
SELECT is(do_as('pod_ai', NULL, format($$SELECT api.report_pod('ai', %L, %L, %s, %s, 4, 20, 9)$$, pod, state, epoch, seq)), '', pod || ' reports')
FROM (VALUES ('a', 'READY', 7, 20), ('b', 'READY', 7, 18), ('c', 'STALE', 7, 20), ('d', 'READY', 6, 90), ('e', 'READY', 7, 20)) AS v (pod, state, epoch, seq);
UPDATE config.pods SET reported_at = reported_at - interval '5 minutes' WHERE pod = 'e';
SELECT is(try_as('monitor', NULL, $$SELECT pod || ': ' || left(why, 10) FROM admin.drift()$$), 'b: 2 announce,c: is STALE,d: holds epoc,e: silent for', 'who differs, and why');
SELECT is(try_as('monitor', NULL, $$SELECT concat_ws(' ', service, pods, current_pods, reloads, mean_ms, max_ms) FROM admin.reload_latency()$$), 'ai 5 2 20 5.0 9.0', 'how long it took');
SELECT is(do_as('pod_ai', NULL, $$SELECT api.report_pod('ai', 'f', 'READY', 7, 20, 16, 320, 30)$$), '', 'a pod that reloads often');
SELECT is(try_as('monitor', NULL, $$SELECT mean_ms FROM admin.reload_latency()$$), '11.7', 'the mean of all reloads, not of the pods');
SELECT is(try_as('pod_ai', NULL, format($$SELECT api.report_pod(%s)$$, a)), outcome, a)
FROM (VALUES ($$'email', 'x', 'READY', 1, 1, 1, 1, 1$$, '42501'), ($$'ai', 'x', 'FINE', 1, 1, 1, 1, 1$$, '23514'), ($$'ai', '', 'READY', 1, 1, 1, 1, 1$$, '23514'),
    ($$'ai', 'x', 'READY', 1, 1, -1, 1, 1$$, '23514')) AS v (a, outcome);

BEGIN;
UPDATE provisioning.jobs SET state = 'failed', error_code = 'invalid', finished_at = now(), worker = NULL, lease_until = NULL, attempts = 3 FROM org WHERE org_id = beta AND kind = 'create';
UPDATE core.organizations SET status = 'FAILED' FROM org WHERE id = beta;
SELECT is(try_as('dba', NULL, $$SELECT admin.redrive('r', 'quota')$$), '0', 'redrive of another kind');
SELECT is(try_as('dba', NULL, $$SELECT admin.redrive('r', 'create')$$), '1', 'and of this one');
SELECT is(do_as('dba', NULL, format('SELECT count(admin.retry_job(%s, ''r''))', job_id)), '1', 'retried') FROM job, org WHERE org_id = beta;
SELECT is((SELECT attempts FROM provisioning.jobs JOIN job USING (job_id) JOIN org ON job.org_id = beta), 0, 'with all its attempts before it');
UPDATE provisioning.jobs SET attempts = 3 FROM org WHERE org_id = beta AND kind = 'create';
SELECT is(do_as('dba', NULL, format('SELECT admin.cancel_job(%s, ''r'')', job_id)), 'undo', 'cancelled') FROM job, org WHERE org_id = beta;
SELECT is((SELECT attempts || ' ' || error_code FROM provisioning.jobs JOIN job USING (job_id) JOIN org ON job.org_id = beta), '0 cancelled', 'says so, with all its attempts');
UPDATE provisioning.jobs SET state = 'failed', error_code = 'invalid', finished_at = now() FROM org WHERE org_id = beta AND kind = 'create';
UPDATE core.organizations SET status = 'DELETING' FROM org WHERE id = beta;
SELECT is((SELECT count(*) FROM admin.stuck_jobs() WHERE slug = 'beta' AND kind = 'create'), 0::bigint, 'a creation that failed is nothing to mend in one that is being deleted');
UPDATE provisioning.jobs SET state = 'done', error_code = NULL FROM org WHERE org_id = beta AND kind = 'create';
SELECT is(try_as('dba', NULL, format('SELECT admin.cancel_job(%s, ''r'')', job_id)), '55000', 'what is done is not cancelled') FROM job, org WHERE org_id = beta;
UPDATE core.organizations SET committed_at = created_at + interval '2 s' FROM org WHERE id = beta;
SELECT is((SELECT milliseconds FROM admin.organizations() JOIN org ON id = beta), 2000.0, 'milliseconds to COMMITTED');
ROLLBACK;
SELECT is((SELECT count(*) FROM admin.organizations() WHERE id = 0), 0::bigint, 'the platform is no organisation');
SELECT is((SELECT string_agg(DISTINCT slug, ',') FROM admin.jobs('beta')), 'beta', 'the jobs of one organisation');
INSERT INTO provisioning.steps (org_id, job_id, fence, step, outcome, http_status, milliseconds) SELECT org_id, job_id, 99, 'namespace', 'created', 201, 1 FROM job;
SELECT is((SELECT count(*) FROM admin.steps('beta') WHERE attempt = 99), 1::bigint, 'the steps of one organisation');
SELECT is((SELECT count(*) FROM admin.changes(p_since => '0')), 0::bigint, 'changes since now');
SELECT is((SELECT count(*) FROM admin.drift('1 hour') WHERE pod = 'e'), 0::bigint, 'how long silence is, is said');
SELECT is((SELECT count(*) FROM admin.pods('email')), 0::bigint, 'the pods of one service');
SELECT is(do_as('dba', NULL, format($$SELECT admin.bind_pod('pod_email', 'ai', %s)$$, acme)), '', 'a pod of one organisation') FROM org;
SELECT is(do_as('app', o::text, $$SELECT (api.set_config('ai', 'threshold', '0.5', 'r')).value$$), '0.5', 'a value') FROM org, unnest(ARRAY[acme, beta]) AS o WHERE o IN (SELECT id FROM core.organizations WHERE status = 'PENDING');
SELECT is(try_as('pod_email', NULL, format($$SELECT count(*) FROM api.pod_configs('ai') WHERE org_id NOT IN (0, %s)$$, acme)), '0', 'gets nothing of others') FROM org;
SELECT is(try_as('pod_email', NULL, $$SELECT api.report_pod('ai', 'a', 'READY', 7, 20, 1, 1, 1)$$), '42501', 'nobody reports for another login''s pod');
UPDATE config.pods SET reported_at = clock_timestamp() - interval '6 minutes' WHERE pod = 'a';
SELECT is(try_as('pod_email', NULL, $$SELECT api.report_pod('ai', 'a', 'READY', 7, 20, 1, 1, 1)$$), '', 'until its name is free again');
SELECT is(try_as('dba', NULL, $$SELECT admin.bind_pod('app', 'ai')$$), '22023', 'a login that is no pod is not bound');

SELECT * FROM finish();
