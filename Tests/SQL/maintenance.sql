-- Timed work: one task per call, when it is due, and no failure stops the others.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id AS id;
CALL tap.settle();
UPDATE provisioning.maintenance AS m SET next_at = clock_timestamp() - interval '1 h' + o.n * interval '1 s'
FROM unnest(ARRAY['seal-history', 'make-partitions', 'mirror-quotas', 'compare-tenants', 'survey-namespaces', 'forget-jobs', 'forget-tokens', 'forget-sessions', 'ingest-usage', 'forget-usage']) WITH ORDINALITY AS o (task, n)
WHERE o.task = m.task;
SELECT is(do_as('provisioner', NULL, $$SELECT task || ': ' || result FROM provisioning.maintain()$$), done, 'the longest due first: ' || done)
FROM (VALUES (1, format('seal-history: %s sealed', (SELECT count(*) FROM config.config_history))), (2, 'make-partitions: 0 made'), (3, 'mirror-quotas: 0 mirrored'),
             (4, 'compare-tenants: 0 queued'), (5, 'survey-namespaces: asked for'), (6, 'forget-jobs: 0 forgotten'), (7, 'forget-tokens: 0 forgotten'), (8, 'forget-sessions: 0 forgotten'),
             (9, 'ingest-usage: asked for'), (10, 'forget-usage: 0 forgotten')) AS v (n, done)
ORDER BY n;
SELECT is(do_as('provisioner', NULL, $$SELECT count(*) FROM provisioning.maintain()$$), '0', 'then nothing is due');
SELECT ok((SELECT bool_and(next_at > clock_timestamp() AND error IS NULL) FROM provisioning.maintenance), 'each is due again, later');

UPDATE provisioning.maintenance SET next_at = clock_timestamp() - interval '1 h' WHERE task = 'make-partitions';
INSERT INTO provisioning.maintenance (task, period, next_at, description) VALUES ('nonsense', '1 day', clock_timestamp() - interval '1 day', 'd');
SELECT is(do_as('provisioner', NULL, $$SELECT task || ': ' || error FROM provisioning.maintain()$$), 'nonsense: unknown task nonsense (SQLSTATE 22023)', 'a failure is told');
SELECT is(do_as('provisioner', NULL, $$SELECT task FROM provisioning.maintain()$$), 'make-partitions', 'and stops nothing else');
SELECT is(try_as('monitor', NULL, $$SELECT task || ' ' || (next_at < clock_timestamp() + interval '61 s') FROM admin.maintenance() WHERE error IS NOT NULL$$), 'nonsense true', 'it is tried again soon');
SELECT is(try_as(login, NULL, 'SELECT * FROM provisioning.maintain()'), '42501', login || ' does no timed work')
FROM unnest(ARRAY['app', 'app_strict', 'app_ro', 'pod_ai', 'bridge', 'gateway', 'dba', 'monitor']) AS login;

-- What a provisioner does, and tells.
UPDATE provisioning.maintenance SET next_at = clock_timestamp() + interval '1 h' WHERE task = 'ingest-usage';
SELECT is(do_as('provisioner', NULL, $$SELECT provisioning.report_task('ingest-usage', '3 samples', NULL)$$), '', 'a result');
SELECT is(try_as('monitor', NULL, $$SELECT concat_ws(' ', result, error, next_at > clock_timestamp() + interval '50 minutes') FROM admin.maintenance() WHERE task = 'ingest-usage'$$), '3 samples t', 'is kept, and changes nothing of the time');
SELECT is(do_as('provisioner', NULL, $$SELECT provisioning.report_task('ingest-usage', NULL, 'away')$$), '', 'an error');
SELECT is(try_as('monitor', NULL, $$SELECT concat_ws(' ', result, error, next_at < clock_timestamp() + interval '61 s') FROM admin.maintenance() WHERE task = 'ingest-usage'$$), '3 samples away t', 'is kept beside the last result, and it is tried again soon');
SELECT is(try_as('provisioner', NULL, format('SELECT provisioning.report_task(%L, NULL, NULL)', task)), '22023', 'no task of a provisioner: ' || coalesce(task, 'NULL')) FROM unnest(ARRAY['seal-history', 'nonsense', NULL]) AS task;
SELECT is(try_as(login, NULL, $$SELECT provisioning.report_task('ingest-usage', NULL, NULL)$$), '42501', login || ' reports no timed work')
FROM unnest(ARRAY['app', 'app_strict', 'app_ro', 'pod_ai', 'bridge', 'gateway', 'dba', 'monitor']) AS login;

SELECT * FROM finish();
