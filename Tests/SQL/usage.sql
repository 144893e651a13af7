-- Use, from answers that a Prometheus has given (prometheus/run --record), and what it says of quotas.
SELECT * FROM no_plan();
SET TimeZone = 'UTC';
CREATE TEMP TABLE answer (resource text, answer jsonb);
\copy answer FROM 'prometheus/answers.tsv' WITH (FORMAT csv, DELIMITER E'\t', QUOTE E'\b')
SELECT is((SELECT string_agg(resource, ',' ORDER BY resource) FROM answer), 'cpu,error,memory,storage', 'answers were recorded');

CREATE FUNCTION tap.org_since(p_slug text, p_since timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_id bigint := (api.create_organization(gen_random_uuid(), p_slug, 'x@x.example', p_slug)).id;
BEGIN
    UPDATE core.organizations SET status = 'COMMITTED', namespace_uid = 'u', committed_at = p_since WHERE id = v_id;
    INSERT INTO finops.quota_changes (org_id, cpu, memory, storage, effective_at, reason, actor) VALUES (v_id, '10', '20Gi', '10Gi', p_since, 'r', 'a');
    RETURN v_id;
END
$$;
-- A slug that had another owner before: until 01:30, and after a while from 03:00 on.
CREATE TEMP TABLE org AS SELECT 'former' AS name, tap.org_since('beta', '2025-10-01') AS id;
UPDATE core.organizations SET status = 'DELETED' WHERE slug = 'beta';
INSERT INTO org SELECT 'acme', tap.org_since('acme', '2025-10-25');
INSERT INTO org SELECT 'beta', tap.org_since('beta', '2025-10-26 03:00');
CREATE FUNCTION tap.org(p_name text) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT id FROM pg_temp.org WHERE name = p_name';

-- MARK: Questions

SELECT is((SELECT string_agg(resource, ',' ORDER BY resource) FROM provisioning.usage_due()), 'cpu,memory,storage', 'three questions');
-- In the first five minutes of an hour the last one is still being scraped.
SELECT ok((SELECT bool_and("start" % 3600 = 0 AND "end" % 3600 = 0 AND step = 3600 AND ("end" - "start") / step + 1 IN (359, 360) AND to_timestamp("end") <= now() - interval '5 minutes') FROM provisioning.usage_due()),
    'whole hours, fifteen days back, not before an hour is scraped');
SELECT is((SELECT count(*) FROM provisioning.usage_due() WHERE query LIKE '%[3600s]%' AND query LIKE '%sum by (namespace)%' AND query NOT LIKE '%$%'), 3::bigint, 'the step is filled in');
BEGIN;
UPDATE finops.usage_queries SET step = '1 minute', backfill = '400 days';
SELECT is((SELECT min(("end" - "start") / step + 1) FROM provisioning.usage_due()), 11000::bigint, 'not more points than Prometheus allows');
ROLLBACK;
SELECT throws_ok($$UPDATE finops.usage_queries SET step = '7 minutes'$$, '23514', NULL, 'a step divides a day');
SELECT throws_ok($$UPDATE finops.usage_queries SET step = '30 seconds'$$, '23514', NULL, 'and is a minute at least');

-- MARK: Answers

SELECT is(tap.do_as('provisioner', NULL, format('SELECT concat_ws('' '', series, samples, written, unknown) FROM provisioning.report_samples(%L, 1761451200, %L)', resource, answer)), outcome, resource || ': series, samples, written, of nobody')
FROM answer JOIN (VALUES ('cpu', '3 18 12 6'), ('memory', '2 12 12 0'), ('storage', '1 6 6 0')) AS v (resource, outcome) USING (resource);
SELECT is(tap.do_as('provisioner', NULL, format('SELECT concat_ws('' '', series, samples, written, unknown) FROM provisioning.report_samples(%L, 1761451200, %L)', resource, answer)), outcome, resource || ' again changes nothing')
FROM answer JOIN (VALUES ('cpu', '3 18 0 6'), ('memory', '2 12 0 0'), ('storage', '1 6 0 0')) AS v (resource, outcome) USING (resource);
SELECT is((SELECT min("start") FROM provisioning.usage_due()), 1761451200::bigint + 3600, 'the next question begins where this one ended');
SELECT is((SELECT string_agg(concat_ws(' ', o.name, round(u.used, 2)), ', ' ORDER BY u.sampled_at) FROM finops.usage_samples AS u JOIN org AS o ON o.id = u.org_id WHERE u.resource = 'cpu' AND o.name <> 'acme'),
    'former 8.00, former 8.00, former 8.00, former 1.00, beta 1.00, beta 1.00', 'a namespace is whose it was at that time');
SELECT is((finops.ingest_usage(jsonb_set(answer, '{data,result,0,values,0,1}', '"3"'))).written, 1::bigint, 'a later answer corrects an earlier one') FROM answer WHERE resource = 'cpu';
SELECT is((finops.ingest_usage(answer)).written, 1::bigint, 'and back') FROM answer WHERE resource = 'cpu';
SELECT is((finops.ingest_usage(jsonb_set(answer, '{data,result,0,values}', format('[[1761454800, %s]]', used)::jsonb))).written, 0::bigint, 'no use: ' || used)
FROM answer, unnest(ARRAY['"NaN"', '"+Inf"', '"-Inf"', '"-1"']) AS used WHERE resource = 'storage';
SELECT is((finops.ingest_usage(jsonb_set(answer, '{data,result,0,values}', '[[1761454800, "1.5e+09"], [1761458400, "2.5e-05"]]'))).written, 2::bigint, 'as Go writes numbers') FROM answer WHERE resource = 'storage';
DELETE FROM finops.usage_samples WHERE sampled_at > to_timestamp(1761451200);

SELECT is(tap.try_as('provisioner', NULL, format('SELECT provisioning.report_samples(''cpu'', 1761451200, %L)', coalesce(answer, (SELECT a.answer::text FROM answer AS a WHERE a.resource = 'error')))), '22023', 'no answer: ' || coalesce(answer, 'an error of Prometheus'))
FROM (VALUES (NULL), ('{}'), ('[]'), ('null'), ('"x"'), ('{"status":"success","data":{"resultType":"vector","result":[]}}'),
    ('{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"namespace":"org-acme"},"values":[]}]}}'),
    ('{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"resource":"cpu"},"values":[]}]}}'),
    ('{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"namespace":"org-acme","resource":"gpu"},"values":[]}]}}'),
    ('{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"namespace":"org-acme","resource":"cpu","pod":"a"},"values":[]},{"metric":{"namespace":"org-acme","resource":"cpu","pod":"b"},"values":[]}]}}')) AS v (answer);
SELECT throws_like(format('SELECT finops.ingest_usage(%L)', answer), '%parse error: unclosed left parenthesis%', 'what Prometheus says is passed on') FROM answer WHERE resource = 'error';
SELECT is(tap.try_as('provisioner', NULL, format('SELECT provisioning.report_samples(%s, ''{"status":"success","data":{"resultType":"matrix","result":[]}}'')', arguments)), outcome, arguments)
FROM (VALUES ('''gpu'', 1', '22023'), ('NULL, 1', '22023'), ('''cpu'', NULL', '22023'), ('''cpu'', 1761451200', '{"series":0,"samples":0,"written":0,"unknown":0,"warnings":null}')) AS v (arguments, outcome);
SELECT is(tap.try_as(login, NULL, statement), '42501', login || ': ' || statement)
FROM unnest(ARRAY['app', 'app_strict', 'app_ro', 'pod_ai', 'bridge', 'gateway', 'monitor', 'auditor', 'dba']) AS login,
    unnest(ARRAY['SELECT provisioning.usage_due()', 'SELECT provisioning.report_samples(''cpu'', 1, ''{}'')', 'SELECT finops.ingest_usage(''{}'')', 'TABLE finops.usage_samples', 'SELECT finops.forget_usage()']) AS statement;

-- MARK: Another step

CREATE FUNCTION tap.use_of(p_step bigint, p_from timestamptz, p_to timestamptz, p_used numeric) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('status', 'success', 'data', jsonb_build_object('resultType', 'matrix', 'result', jsonb_build_array(jsonb_build_object(
        'metric', '{"namespace": "org-acme", "resource": "cpu"}'::jsonb,
        'values', (SELECT jsonb_agg(jsonb_build_array(t, p_used::text)) FROM generate_series(extract(epoch FROM p_from)::bigint + p_step, extract(epoch FROM p_to)::bigint, p_step) AS t)))))
$$;
CREATE FUNCTION tap.covered(p_from timestamptz, p_to timestamptz) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', (SELECT count(*) FROM finops.usage_samples WHERE org_id = tap.org('acme') AND resource = 'cpu' AND sampled_at > p_from AND sampled_at <= p_to), e.covered, trim_scale(e.used))
    FROM finops.efficiency_rows(tap.org('acme'), p_from, p_to) AS e WHERE e.resource = 'cpu'
$$;
BEGIN;
SELECT is((provisioning.report_samples('cpu', 1, tap.use_of(900, '2025-10-27 00:00', '2025-10-27 02:00', 2), 900)).written, 8::bigint, 'quarters of an hour, which were asked for, whatever the query is by now');
SELECT is(tap.covered('2025-10-27 00:00', '2025-10-27 02:00'), '8 1.0000 2', 'cover two hours, once');
SELECT is((provisioning.report_samples('cpu', 1, tap.use_of(3600, '2025-10-27 00:00', '2025-10-27 02:00', 3), 3600)).written, 2::bigint, 'hours of the same time');
SELECT is(tap.covered('2025-10-27 00:00', '2025-10-27 02:00'), '2 1.0000 3', 'take their place: nothing is counted twice');
SELECT is((provisioning.report_samples('cpu', 1, tap.use_of(900, '2025-10-27 00:00', '2025-10-27 02:00', 2), 900)).written, 8::bigint, 'and back');
SELECT is(tap.covered('2025-10-27 00:00', '2025-10-27 02:00'), '8 1.0000 2', 'the same');
SELECT is((provisioning.report_samples('cpu', 1, tap.use_of(3600, '2025-10-27 01:15', '2025-10-27 03:15', 3), 3600)).written, 2::bigint, 'hours that are none of the clock');
SELECT is(tap.covered('2025-10-27 00:00', '2025-10-27 04:00'), '7 0.8125 2.615385', 'take the place of those that they meet, and of no others');
SELECT is((SELECT count(*) FROM finops.usage_samples AS a JOIN finops.usage_samples AS b ON a.org_id = b.org_id AND a.resource = b.resource AND a.sampled_at < b.sampled_at AND a.sampled_at > b.sampled_at - b.step), 0::bigint, 'no two of one resource meet');
SELECT is((provisioning.report_samples('cpu', 1, replace(tap.use_of(3600, '2025-10-27 00:00', '2025-10-27 02:00', 3)::text, '"3"', '"NaN"')::jsonb, 3600)).written, 0::bigint, 'no use');
SELECT is(tap.covered('2025-10-27 00:00', '2025-10-27 04:00'), '7 0.8125 2.615385', 'takes no place');
-- Between two multiples of the new step: the one that is begun is asked for as a whole.
UPDATE finops.usage_queries SET step = '15 minutes', ingested_until = '2025-10-27 12:15' WHERE resource = 'cpu';
SELECT is((SELECT to_timestamp("start") FROM provisioning.usage_due() WHERE resource = 'cpu'), '2025-10-27 12:30'::timestamptz, 'the next quarter');
UPDATE finops.usage_queries SET step = '1 hour' WHERE resource = 'cpu';
SELECT is((SELECT to_timestamp("start") FROM provisioning.usage_due() WHERE resource = 'cpu'), '2025-10-27 13:00'::timestamptz, 'the hour in which the quarters end');
ROLLBACK;
-- Two who report the steps that they were asked for, one after the other.
SELECT is(tap.try_as('provisioner', NULL, format('SELECT provisioning.report_samples(''cpu'', 1, %L, %s)', tap.use_of(900, '2025-10-27 00:00', '2025-10-27 01:00', 2), step)), '22023', format('no step: %s', step)) FROM unnest(ARRAY[0, -900]) AS step;

-- MARK: Warnings

BEGIN;
UPDATE finops.usage_queries SET ingested_until = now() - interval '3 days' WHERE resource = 'cpu';
SELECT is((SELECT concat_ws(' ', w.written, coalesce(w.warnings, '-'), date_trunc('minute', now() - q.ingested_until)) FROM provisioning.report_samples('cpu', extract(epoch FROM now())::bigint,
    tap.use_of(3600, date_trunc('hour', now()) - interval '2 hours', date_trunc('hour', now()), 2) || '{"warnings": ["a store is away"], "infos": ["i"]}', 3600) AS w, finops.usage_queries AS q WHERE q.resource = 'cpu'), '2 a store is away 3 days', 'what is there is kept');
SELECT is((SELECT date_trunc('minute', now() - ingested_until) FROM finops.usage_queries WHERE resource = 'cpu'), '1 day'::interval, 'and asked for again, for a day');
SELECT is((provisioning.report_samples('cpu', extract(epoch FROM now())::bigint, tap.use_of(3600, date_trunc('hour', now()) - interval '2 hours', date_trunc('hour', now()), 2) || '{"warnings": ["PromQL info: metric might not be a counter"]}', 3600)).warnings, NULL, 'a remark on the query is none');
SELECT ok((SELECT ingested_until > now() - interval '2 seconds' FROM finops.usage_queries WHERE resource = 'cpu'), 'the next question begins where this one ended');
ROLLBACK;

-- MARK: Quota against use

SELECT admin.set_price(resource, 0.01, '-infinity', 'list') FROM finops.resources;
SELECT is(tap.try_as('app', tap.org('acme')::text, $$SELECT concat_ws(' ', resource, quota, round(used, 2), round(peak, 2), round(utilisation, 3), covered, trim_scale(idle_hours), idle_cost, currency, advice, proposed) FROM efficiency('2025-10-25 22:00', '2025-10-26 04:00')$$),
    'cpu 10 2.50 2.50 0.250 1.0000 45.008333 0.45 EUR shrink 4,memory 20 3.00 3.00 0.150 1.0000 102 1.02 EUR shrink 4,storage 10 0.50 0.50 0.050 1.0000 57 0.57 EUR shrink 1', 'who should be asked to shrink, and to what');
SELECT is(tap.try_as('app', tap.org('acme')::text, $$SELECT concat_ws(' ', resource, covered, advice) FROM efficiency('2025-10-25 12:00', '2025-10-26 04:00')$$),
    'cpu 0.3750 no data,memory 0.3750 no data,storage 0.3750 no data', 'no advice of a part of the time');
SELECT is(tap.try_as('auditor', NULL, $$SELECT concat_ws(' ', slug, resource, advice, proposed) FROM admin.efficiency('2025-10-26 03:00', '2025-10-26 04:00') WHERE slug = 'beta' AND org_id = (SELECT max(org_id) FROM admin.efficiency('2025-10-26 03:00', '2025-10-26 04:00'))$$),
    'beta memory shrink 2,beta cpu shrink 2,beta storage no data', 'of all, where most lies idle first');
-- The rule is data; the peak counts, not the average.
CREATE FUNCTION tap.advice(p_cpu text, p_samples numeric[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_result text;
BEGIN
    INSERT INTO finops.quota_changes (org_id, cpu, memory, storage, effective_at, reason, actor) VALUES (tap.org('acme'), p_cpu, '1Gi', '1Gi', '2025-10-26 10:00', 'r', 'a');
    INSERT INTO finops.usage_samples (org_id, resource, sampled_at, step, used)
    SELECT tap.org('acme'), 'cpu', '2025-10-26 10:00'::timestamptz + n * interval '1 hour', '1 hour', s FROM unnest(p_samples) WITH ORDINALITY AS v (s, n);
    SELECT concat_ws(' ', advice, proposed) INTO v_result FROM finops.efficiency_rows(tap.org('acme'), '2025-10-26 10:00', '2025-10-26 10:00'::timestamptz + cardinality(p_samples) * interval '1 hour') WHERE resource = 'cpu';
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = v_result;
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
END
$$;
SELECT is(tap.advice(cpu, samples), advice, format('%s cores, %s in use: %s', cpu, samples, advice))
FROM (VALUES ('10', ARRAY[1, 1, 1, 4.9], 'shrink 7'), ('10', ARRAY[1, 1, 1, 5.0], 'keep'), ('10', ARRAY[9.0, 1], 'keep'), ('10', ARRAY[9.1, 1], 'grow 12'), ('10', ARRAY[0.0], 'shrink 1'),
    ('1', ARRAY[0.0], 'keep'), ('1', ARRAY[0.1], 'keep'), ('10', ARRAY[12.0], 'grow 16'), ('10', ARRAY[NULL, 1]::numeric[], NULL)) AS v (cpu, samples, advice) WHERE advice IS NOT NULL;
BEGIN;
UPDATE finops.advice_rules SET shrink_below = 0.2, headroom = 1, covered = 0.3;
SELECT is(tap.advice('10', ARRAY[1.9]), 'shrink 4', 'another rule');
SELECT is(tap.advice('10', ARRAY[2.5]), 'keep', 'other advice');
ROLLBACK;
SELECT throws_ok($$UPDATE finops.advice_rules SET headroom = 1.5$$, '23514', NULL, 'no rule proposes more to who has too much');
-- Use above the quota does not make up for what is idle at other times.
BEGIN;
INSERT INTO finops.usage_samples VALUES (tap.org('acme'), 'cpu', '2025-10-26 11:00', '1 hour', 30), (tap.org('acme'), 'cpu', '2025-10-26 12:00', '1 hour', 4);
SELECT is((SELECT concat_ws(' ', trim_scale(idle_hours), trim_scale(used)) FROM finops.efficiency_rows(tap.org('acme'), '2025-10-26 10:00', '2025-10-26 12:00') WHERE resource = 'cpu'), '6 17', 'idle is what was left');
-- A sample is cut where the period is.
SELECT is((SELECT concat_ws(' ', trim_scale(idle_hours), covered) FROM finops.efficiency_rows(tap.org('acme'), '2025-10-26 11:30', '2025-10-26 12:30') WHERE resource = 'cpu'), '3 0.5000', 'by the minute');
SELECT admin.set_price('cpu', 0.02, '2025-10-26 11:30', 'list'), admin.set_price('memory', 0.02, '2025-10-26 11:30', 'list', 'CHF');
SELECT is((SELECT string_agg(concat_ws(' ', resource, coalesce(currency, '-'), idle_cost), ', ' ORDER BY resource) FROM finops.efficiency_rows(tap.org('acme'), '2025-10-26 11:00', '2025-10-26 12:00')), 'cpu EUR 0.09, memory -, storage EUR', 'at the price of the time');
ROLLBACK;

-- MARK: Retention

SELECT is(finops.forget_usage(), (SELECT count(*) FROM finops.usage_samples WHERE sampled_at < now() - interval '400 days'), 'what is older than it is kept goes');
INSERT INTO finops.usage_samples SELECT tap.org('acme'), 'cpu', now() - interval '400 days' - n * interval '1 hour', '1 hour', 1 FROM generate_series(-2, 7) AS n;
SELECT is(finops.forget_usage(5), 5::bigint, 'a batch');
SELECT is(finops.forget_usage(5), 3::bigint, 'the rest');
SELECT is(finops.forget_usage(5), 0::bigint, 'no more');

SELECT * FROM finish();
