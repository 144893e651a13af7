-- Timed work: one task per call, when it is due, and no failure stops the others.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id AS id;
-- Something to forget for each janitor, another number for each: old, and beside it something that is not.
CREATE TEMP TABLE person AS SELECT (core.add_member(id, 'ann@acme.example', 'Ann', 'owner')).user_id AS id FROM org;
CREATE TEMP TABLE signed AS SELECT n, s.session_id FROM org, person, generate_series(1, 4) AS n, LATERAL (SELECT i.session_id FROM api.sign_in(org.id, person.id + 0 * n) AS i) AS s;
CREATE TEMP TABLE token AS SELECT t.jti, row_number() OVER (ORDER BY n) AS n FROM auth.access_tokens AS t JOIN signed USING (session_id);
UPDATE auth.access_tokens AS t SET expires_at = clock_timestamp() - interval '6 minutes' FROM token WHERE token.jti = t.jti AND n <= 2;
UPDATE auth.sessions AS s SET ended_at = clock_timestamp() - interval '31 days' FROM signed WHERE signed.session_id = s.session_id AND n = 4;
INSERT INTO finops.usage_samples (org_id, resource, sampled_at, step, used)
SELECT id, 'cpu', now() - by, '1 hour', 1 FROM org, unnest(ARRAY['1 day', '401 days', '402 days', '403 days']::interval[]) AS by;
INSERT INTO provisioning.jobs (org_id, kind, steps, state, finished_at)
SELECT j.org_id, 'reconcile', j.steps, 'done', now() - by FROM provisioning.jobs AS j, unnest(ARRAY['1 hour', '1000 days', '1001 days', '1002 days', '1003 days']::interval[]) AS by WHERE j.kind = 'create';
CALL tap.settle();
-- None comes round a second time while this file runs, however long that takes.
UPDATE provisioning.maintenance SET period = '1 hour';
UPDATE provisioning.maintenance AS m SET next_at = clock_timestamp() - interval '1 h' + o.n * interval '1 s'
FROM unnest(ARRAY['seal-history', 'make-partitions', 'mirror-quotas', 'compare-tenants', 'survey-namespaces', 'forget-jobs', 'forget-tokens', 'forget-sessions', 'ingest-usage', 'forget-usage']) WITH ORDINALITY AS o (task, n)
WHERE o.task = m.task;
SELECT is(do_as('provisioner', NULL, $$SELECT task || ': ' || result FROM provisioning.maintain()$$), done, 'the longest due first: ' || done)
FROM (VALUES (1, format('seal-history: %s sealed', (SELECT count(*) FROM config.config_history))), (2, 'make-partitions: 0 made'), (3, 'mirror-quotas: 0 mirrored'),
             (4, 'compare-tenants: 0 queued'), (5, 'survey-namespaces: asked for'), (6, 'forget-jobs: 4 forgotten'), (7, 'forget-tokens: 2 forgotten'), (8, 'forget-sessions: 1 forgotten'),
             (9, 'ingest-usage: asked for'), (10, 'forget-usage: 3 forgotten')) AS v (n, done)
ORDER BY n;
SELECT is(do_as('provisioner', NULL, $$SELECT count(*) FROM provisioning.maintain()$$), '0', 'then nothing is due');
SELECT is((SELECT string_agg(n::text, ',' ORDER BY n) FROM token JOIN auth.access_tokens USING (jti)), '3', 'of the tokens the one that holds is there: two had expired, one went with its session');
SELECT is((SELECT string_agg(n::text, ',' ORDER BY n) FROM signed JOIN auth.sessions USING (session_id)), '1,2,3', 'of the sessions those that have not ended long ago');
SELECT is((SELECT count(*) FROM finops.usage_samples), 1::bigint, 'of the samples the one of yesterday');
SELECT is((SELECT string_agg(kind, ',' ORDER BY kind) FROM provisioning.jobs), 'create,reconcile', 'of the jobs those of today');
SELECT ok((SELECT bool_and(next_at > clock_timestamp() AND error IS NULL) FROM provisioning.maintenance), 'each is due again, later');
SELECT is((SELECT string_agg(task, ' ' ORDER BY task) FROM provisioning.maintenance WHERE next_at < clock_timestamp() + interval '61 s'), 'ingest-usage survey-namespaces', 'what was asked for soon');
SELECT is((SELECT string_agg(task, ' ' ORDER BY task) FROM provisioning.maintenance WHERE finished_at IS NULL AND result IS NULL), 'ingest-usage survey-namespaces', 'and it does not count as done');
SELECT is(do_as('provisioner', NULL, $$SELECT count(*) FROM provisioning.report_namespaces('[{"name": "org-stray", "uid": "u", "operation_id": null}]')$$), '1', 'until it is reported');
SELECT is((SELECT concat_ws(' ', result, error, finished_at IS NOT NULL, next_at > clock_timestamp() + interval '50 minutes') FROM provisioning.maintenance WHERE task = 'survey-namespaces'), '1 namespaces, 1 stray t t', 'then after its period');

-- A batch that was full is followed by the next one at once, until there is nothing left; what else is due comes between.
INSERT INTO finops.usage_samples (org_id, resource, sampled_at, step, used) SELECT id, 'cpu', now() - by * interval '1 hour', '1 hour', 1 FROM org, generate_series(10001, 10005) AS by;
UPDATE provisioning.maintenance SET batch = 2 WHERE task = 'forget-usage';
UPDATE provisioning.maintenance AS m SET next_at = clock_timestamp() - interval '1 h' + o.n * interval '1 s'
FROM (VALUES (1, 'forget-usage'), (2, 'mirror-quotas')) AS o (n, task) WHERE o.task = m.task;
UPDATE provisioning.maintenance SET next_at = clock_timestamp() + interval '1 h' WHERE task NOT IN ('forget-usage', 'mirror-quotas');
SELECT is(do_as('provisioner', NULL, $$SELECT task || ': ' || result FROM provisioning.maintain()$$), done, format('%s. %s', n, done))
FROM (VALUES (1, 'forget-usage: 2 forgotten'), (2, 'mirror-quotas: 0 mirrored'), (3, 'forget-usage: 2 forgotten'), (4, 'forget-usage: 1 forgotten'), (5, '')) AS v (n, done)
ORDER BY n;
SELECT ok((SELECT next_at > clock_timestamp() + interval '50 minutes' FROM provisioning.maintenance WHERE task = 'forget-usage'), 'then it waits for its period');
SELECT is((SELECT string_agg(task || ' ' || batch, ', ' ORDER BY task) FROM provisioning.maintenance WHERE task LIKE 'forget-%'), 'forget-jobs 1000, forget-sessions 1000, forget-tokens 10000, forget-usage 2', 'every janitor has a batch');

UPDATE provisioning.maintenance SET next_at = clock_timestamp() - interval '1 h' WHERE task = 'make-partitions';
INSERT INTO provisioning.maintenance (task, period, next_at, description) VALUES ('nonsense', '1 day', clock_timestamp() - interval '1 day', 'd');
SELECT is(do_as('provisioner', NULL, $$SELECT task || ': ' || error FROM provisioning.maintain()$$), 'nonsense: unknown task nonsense (SQLSTATE 22023)', 'a failure is told');
SELECT is(do_as('provisioner', NULL, $$SELECT task FROM provisioning.maintain()$$), 'make-partitions', 'and stops nothing else');
SELECT is(try_as('monitor', NULL, $$SELECT task || ' ' || (next_at < clock_timestamp() + interval '61 s') FROM admin.maintenance() WHERE error IS NOT NULL$$), 'nonsense true', 'it is tried again soon');
SELECT is(try_as(login, NULL, 'SELECT * FROM provisioning.maintain()'), '42501', login || ' does no timed work')
FROM unnest(ARRAY['app', 'app_strict', 'app_ro', 'pod_ai', 'bridge', 'gateway', 'dba', 'monitor']) AS login;

-- What a provisioner does, and tells.
SELECT is(do_as('provisioner', NULL, $$SELECT provisioning.report_task('ingest-usage', '3 samples', NULL)$$), '', 'a result');
SELECT is(try_as('monitor', NULL, $$SELECT concat_ws(' ', result, error, next_at > clock_timestamp() + interval '50 minutes') FROM admin.maintenance() WHERE task = 'ingest-usage'$$), '3 samples t', 'is kept, and it is due after its period');
SELECT is(do_as('provisioner', NULL, $$SELECT provisioning.report_task('ingest-usage', NULL, 'away')$$), '', 'an error');
SELECT is(try_as('monitor', NULL, $$SELECT concat_ws(' ', result, error, next_at < clock_timestamp() + interval '61 s') FROM admin.maintenance() WHERE task = 'ingest-usage'$$), '3 samples away t', 'is kept beside the last result, and it is tried again soon');
SELECT is(try_as('provisioner', NULL, format('SELECT provisioning.report_task(%L, NULL, NULL)', task)), '22023', 'no task of a provisioner: ' || coalesce(task, 'NULL')) FROM unnest(ARRAY['seal-history', 'nonsense', NULL]) AS task;
SELECT is(try_as(login, NULL, $$SELECT provisioning.report_task('ingest-usage', NULL, NULL)$$), '42501', login || ' reports no timed work')
FROM unnest(ARRAY['app', 'app_strict', 'app_ro', 'pod_ai', 'bridge', 'gateway', 'dba', 'monitor']) AS login;

SELECT * FROM finish();
