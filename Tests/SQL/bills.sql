-- What is billed: to the microsecond, across daylight saving, additive, and for good once it is closed.
SELECT * FROM no_plan();

-- An organisation that was committed then, with quotas from then on.
CREATE FUNCTION tap.org_since(p_slug text, p_since timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_id bigint := (api.create_organization(gen_random_uuid(), p_slug, 'x@x.example', p_slug)).id;
BEGIN
    UPDATE core.organizations SET status = 'COMMITTED', namespace_uid = 'u', committed_at = p_since WHERE id = v_id;
    RETURN v_id;
END
$$;
CREATE FUNCTION tap.quota_at(p_org bigint, p_at timestamptz, p_cpu text, p_memory text DEFAULT '20Gi', p_storage text DEFAULT '10Gi') RETURNS void LANGUAGE sql AS $$
    INSERT INTO finops.quota_changes (org_id, cpu, memory, storage, effective_at, reason, actor) VALUES (p_org, p_cpu, p_memory, p_storage, p_at, 'r', 'a')
$$;
CREATE FUNCTION tap.status_at(p_org bigint, p_at timestamptz, p_new text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO core.organization_events (org_id, what, detail, actor, login, reason, occurred_at)
    VALUES (p_org, 'status', jsonb_build_object('new', p_new), 'a', 'l', 'r', p_at)
$$;
-- The unit-hours of each resource, and the sum of what is exact.
CREATE FUNCTION tap.hours(p_org bigint, p_from timestamptz, p_to timestamptz) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(h.resource || ' ' || h.hours, ', ' ORDER BY h.resource)
    FROM (SELECT l.resource, trim_scale(finops.rounded(sum(l.quantity * l.seconds), 6)) AS hours FROM finops.bill_lines(p_org, p_from, p_to) AS l GROUP BY l.resource) AS h
$$;
SET TimeZone = 'Europe/Berlin';

-- MARK: October 2025

CREATE TEMP TABLE org AS SELECT tap.org_since('acme', '2025-10-01') AS id;
SELECT tap.quota_at(id, '2025-10-01', '10') FROM org;
SELECT tap.quota_at(id, '2025-10-16', '20') FROM org;
SELECT is(tap.try_as('app', id::text, $$SELECT concat_ws(' ', starts_at::date, ends_at::date, quantity::text, trim_scale(unit_hours), unit) FROM bill('2025-10-01', '2025-11-01') WHERE resource = 'cpu'$$),
    '2025-10-01 2025-10-16 10 3600 core,2025-10-16 2025-11-01 20 7700 core', 'the 25th hour of 26 October counts') FROM org;
SELECT is(tap.try_as('app', id::text, $$SELECT concat_ws(' ', resource, quantity::text, trim_scale(unit_hours), unit) FROM bill('2025-10-26', '2025-10-27')$$),
    'cpu 20 500 core,memory 20 500 GiB,storage 10 250 GiB', 'of that day alone') FROM org;
SELECT is(tap.hours(id, '2026-03-29', '2026-03-30'), 'cpu 460, memory 460, storage 230', 'the day of 23 hours') FROM org;
SET TimeZone = 'UTC';
SELECT is(tap.hours(id, '2025-10-26', '2025-10-27'), 'cpu 480, memory 480, storage 240', 'in UTC every day has 24') FROM org;
SET TimeZone = 'Europe/Berlin';
SELECT is(tap.hours(id, '2025-10-10', '2025-10-10 00:00:00.000001'), 'cpu 0, memory 0, storage 0', 'a microsecond is less than is shown') FROM org;
SELECT is((SELECT quantity * seconds FROM finops.bill_lines(id, '2025-10-10', '2025-10-10 00:00:00.000001') WHERE resource = 'cpu'), 0.000010, 'but counts') FROM org;
SELECT is(tap.hours(id, '2025-10-10', '2025-10-10'), NULL, 'no time is no line') FROM org;
SELECT is(tap.hours(id, '2024-01-01', '2025-10-01'), NULL, 'nor is time before it was committed') FROM org;
SELECT is((SELECT upper(during) FROM finops.bill_lines(id, now() - interval '1 day', 'infinity') WHERE resource = 'cpu'), now(), 'what has not come is not billed') FROM org;
SELECT is((SELECT sum(quantity * seconds) FROM finops.bill_lines(id, '-infinity', 'infinity') WHERE resource = 'cpu'),
    10 * 15 * 86400 + 20 * extract(epoch FROM now() - '2025-10-16'), 'all of it') FROM org;

-- MARK: Quantities and superseded requests

CREATE TEMP TABLE odd AS SELECT tap.org_since('odd', '2025-10-01') AS id;
SELECT tap.quota_at(id, '2025-10-01', '1500m', '1G', '1536Mi') FROM odd;
SELECT is((SELECT string_agg(resource || ' ' || quantity, ', ' ORDER BY resource) FROM finops.bill_lines(id, '2025-10-02', '2025-10-03')),
    'cpu 1.5, memory 0.931322574615478515625, storage 1.5', 'quantities by value, without rounding') FROM odd;
SELECT tap.quota_at(id, '2025-10-20', '40') FROM odd;
SELECT tap.quota_at(id, '2025-10-10', '2') FROM odd;
SELECT is((SELECT string_agg(concat_ws(' ', lower(during)::date, quantity::text), ', ' ORDER BY during) FROM finops.bill_lines(id, '2025-10-01', '2025-11-01') WHERE resource = 'cpu'),
    '2025-10-01 1.5, 2025-10-10 2', 'a newer request supersedes one for a later time') FROM odd;

-- MARK: Life

CREATE TEMP TABLE life AS SELECT tap.org_since('life', '2025-10-01') AS id;
SELECT tap.quota_at(id, '2025-10-01', '10') FROM life;
SELECT tap.status_at(id, '2025-10-11', 'SUSPENDED') FROM life;
SELECT tap.status_at(id, '2025-10-21', 'COMMITTED') FROM life;
SELECT tap.status_at(id, '2025-10-26 03:00', 'DELETING') FROM life;
SELECT is(tap.hours(id, '2025-10-11', '2025-10-21'), 'storage 2400', 'of a suspended one the storage, which it keeps') FROM life;
SELECT is(tap.hours(id, '2025-10-01', '2025-11-01'), 'cpu 3640, memory 7280, storage 6040', 'resumed, it pays again; deleted, no more') FROM life;
SELECT tap.status_at(id, '2025-11-01', 'SUSPENDED') FROM life;
SELECT is(tap.hours(id, '2025-11-01', '2025-11-02'), 'storage 240', 'a deletion that was cancelled leaves it suspended') FROM life;
CREATE TEMP TABLE failed AS SELECT (api.create_organization(gen_random_uuid(), 'failed', 'x@x.example')).id;
SELECT is(tap.hours(id, '-infinity', 'infinity'), NULL, 'pending: nothing') FROM failed;
UPDATE core.organizations SET status = 'FAILED' WHERE id = (SELECT id FROM failed);
SELECT is(tap.hours(id, '-infinity', 'infinity'), NULL, 'failed: nothing') FROM failed;

-- MARK: Prices

SELECT is(tap.try_as('app', id::text, $$SELECT concat_ws(' ', coalesce(currency, 'no currency'), coalesce(amount::text, 'no amount')) FROM bill_total('2025-10-01', '2025-11-01')$$),
    'no currency no amount', 'what has no price is told') FROM org;
SELECT is(tap.do_as('dba', NULL, format('SELECT (admin.set_price(%L, %s, %L, ''list'')).price', resource, price, since)), price::text, resource || ' since ' || since)
FROM (VALUES ('cpu', 0.03, '2025-01-01'), ('memory', 0.004, '2025-01-01'), ('storage', 0.0001, '2025-01-01'), ('cpu', 0.05, '2026-02-01'), ('cpu', 0.031, '2025-10-20 12:34:56.789')) AS v (resource, price, since);
SELECT is((SELECT string_agg(concat_ws(' ', lower(valid), upper(valid), price), ', ' ORDER BY valid) FROM finops.prices WHERE resource = 'cpu'),
    '2025-01-01 00:00:00+01 2025-10-20 12:34:56.789+02 0.03, 2025-10-20 12:34:56.789+02 0.031', 'a newer price ends the one before, and what was set for later');
SELECT throws_ok($$INSERT INTO finops.prices (resource, valid, price, currency, reason, actor) VALUES ('cpu', '[2025-02-01,2025-02-02)', 1, 'EUR', 'r', 'a')$$, '23P01', NULL, 'two prices at once');
SELECT throws_ok($$INSERT INTO finops.prices (resource, valid, price, currency, reason, actor) VALUES ('cpu', '(2024-02-01,2024-02-02]', 1, 'EUR', 'r', 'a')$$, '23514', NULL, 'half-open from the left');
SELECT throws_ok($$UPDATE finops.prices SET price = 9 WHERE resource = 'cpu'$$, '55000', NULL, 'a price does not change');
SELECT is(tap.try_as('dba', NULL, format('SELECT admin.set_price(%s)', arguments)), outcome, arguments)
FROM (VALUES ($$'gpu', 1, '2026-01-01', 'r'$$, '22023'), ($$'cpu', -1, '2026-01-01', 'r'$$, '22023'), ($$'cpu', 'NaN', '2026-01-01', 'r'$$, '22023'),
    ($$'cpu', NULL, '2026-01-01', 'r'$$, '22023'), ($$'cpu', 1, NULL, 'r'$$, '22023'), ($$'cpu', 1, 'infinity', 'r'$$, '22023'), ($$'cpu', 0.0000000000001, '2026-01-01', 'r'$$, '22023'),
    ($$'cpu', 1, '2026-01-01', ' '$$, '22023'), ($$'cpu', 1, '2026-01-01', 'r', 'Euro'$$, '22023'), ($$'cpu', 1, '2026-01-01', 'AKIAIOSFODNN7EXAMPLE'$$, 'AR422')) AS v (arguments, outcome);
SELECT is(tap.try_as('app', id::text, $$SELECT concat_ws(' ', resource, price::text, trim_scale(unit_hours), trim_scale(amount), currency) FROM bill('2025-10-01', '2025-11-01')$$),
    'cpu 0.03 3600 108 EUR,cpu 0.03 2171.648828 65.149465 EUR,cpu 0.031 5528.351172 171.378886 EUR,memory 0.004 7200 28.8 EUR,memory 0.004 7700 30.8 EUR,storage 0.0001 3600 0.36 EUR,storage 0.0001 3850 0.385 EUR',
    'a line for each quota and price') FROM org;
SELECT is(tap.try_as('app', id::text, $$SELECT amount || ' ' || currency FROM bill_total('2025-10-01', '2025-11-01')$$), '404.87 EUR', 'rounded once, at the end') FROM org;
SELECT is(finops.rounded(exact, 2), rounded, exact || ' / 3600')
FROM (VALUES (18, 0.01), (17.999999999999999999999999999999999999999999, 0.00), (-18, -0.01), (-17.9999999999999999999999999999999999, 0.00), (0, 0.00), (54, 0.02), (1e40, 2777777777777777777777777777777777777.78)) AS v (exact, rounded);

-- MARK: Who

SELECT is(tap.try_as('app', NULL, $$SELECT * FROM api.bill('2025-10-01', '2025-11-01')$$), '55000', 'nobody''s bill');
SELECT is(tap.try_as('app_strict', id::text, $$SELECT * FROM api.bill('2025-10-01', '2025-11-01')$$), '28000', 'without a session') FROM org;
SELECT is(tap.try_as('app_ro', id::text, format($$SELECT count(*) FROM %s('2025-10-01', '2025-11-01')$$, f)), n, 'app_ro: ' || f) FROM org, (VALUES ('api.bill', '7'), ('api.bill_total', '1'), ('api.efficiency', '3')) AS v (f, n);
SELECT is(tap.try_as(login, id::text, statement), '42501', login || ': ' || statement)
FROM org, unnest(ARRAY['app', 'app_ro', 'app_strict', 'pod_ai', 'bridge', 'provisioner', 'gateway']) AS login,
    unnest(ARRAY[$$SELECT * FROM admin.bill('2025-10-01', '2025-11-01')$$, $$SELECT * FROM admin.bill_total('2025-10-01', '2025-11-01')$$,
        $$SELECT * FROM admin.efficiency('2025-10-01', '2025-11-01')$$, $$SELECT admin.close_period('2025-10-01', '2025-11-01', 'r')$$, 'SELECT admin.adjust_bill(1, 1, ''r'')',
        'SELECT admin.set_price(''cpu'', 1, now(), ''r'')', 'SELECT * FROM admin.prices()', 'SELECT * FROM admin.verify_books()',
        'SELECT * FROM finops.bill_lines(NULL, ''2025-10-01'', ''2025-11-01'')', 'TABLE finops.invoices', 'TABLE finops.adjustments', 'TABLE finops.prices', 'UPDATE finops.books SET closed_until = ''-infinity''']) AS statement;
SELECT is(tap.try_as('app', id::text, format('SELECT * FROM api.%s(%s)', f, period)), '22023', f || ': ' || period)
FROM org, unnest(ARRAY['bill', 'bill_total', 'efficiency']) AS f, unnest(ARRAY['NULL, now()', 'now(), NULL', '''2025-11-01'', ''2025-10-01''']) AS period;
SELECT is(tap.try_as('auditor', NULL, $$SELECT slug || ' ' || amount FROM admin.bill_total('2025-10-01', '2025-11-01')$$), 'acme 404.87,odd 85.70,life 140.16', 'all organisations');
SELECT is(tap.try_as('auditor', NULL, $$SELECT DISTINCT slug FROM admin.bill('2025-10-01', '2025-11-01') WHERE resource = 'cpu' ORDER BY slug$$), 'acme,life,odd', 'with their lines');

-- MARK: Closed for good

SELECT is(tap.try_as('dba', NULL, format('SELECT admin.close_period(%s)', arguments)), outcome, arguments)
FROM (VALUES ($$'2025-10-01', '2025-11-01', ''$$, '22023'), ($$'2025-10-01', '2025-10-01', 'r'$$, '22023'), ($$'-infinity', '2025-10-01', 'r'$$, '22023'), ($$'2025-11-01', '2025-10-01', 'r'$$, '22023'),
    ($$now() - interval '1 day', now() - interval '59 minutes', 'r'$$, '55000')) AS v (arguments, outcome);
-- What is billed before the first period would be closed with it, and never invoiced.
SELECT is(tap.try_as('dba', NULL, format('SELECT admin.close_period(%L, ''2025-11-01'', ''r'')', since)), '55000', 'the first one does not begin at ' || since) FROM unnest(ARRAY['2025-10-01 00:00:00.000001', '2025-10-31']) AS since;
SELECT is(tap.try_as('dba', NULL, $$SELECT starts_at::date FROM admin.close_period('2025-09-01', '2025-11-01', 'r')$$), '2025-09-01', 'it may begin before anything is billed');
SELECT is_empty($$SELECT FROM finops.periods$$, 'nothing is closed yet');
SELECT lives_ok('UPDATE finops.resources SET units = units, billed_in = billed_in', 'and what is billed when may be said otherwise');
BEGIN;
DELETE FROM finops.prices WHERE resource = 'storage';
SELECT is(tap.try_as('dba', NULL, $$SELECT admin.close_period('2025-10-01', '2025-11-01', 'r')$$), '55000', 'not while something has no price');
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT is(tap.try_as('dba', NULL, $$SELECT admin.close_period('2025-10-01', '2025-11-01', 'r')$$), '55000', 'nor with an old snapshot');
ROLLBACK;
CREATE TEMP TABLE before AS SELECT * FROM admin.bill('2025-10-01', '2025-11-01');
SELECT is(tap.do_as('dba', NULL, $$SELECT starts_at::date FROM admin.close_period('2025-10-01', '2025-11-01', 'October')$$), '2025-10-01', 'October is closed');
SELECT is((SELECT string_agg(i.amount::text, ',' ORDER BY i.org_id) FROM finops.invoices AS i), '404.87,85.70,140.16', 'what was billed is kept');
SELECT throws_ok(statement, '55000', NULL, 'closed: ' || statement)
FROM org, unnest(ARRAY[
    format($$SELECT tap.quota_at(%s, '2025-10-31 23:59:59.999999', '11')$$, id), format($$SELECT tap.status_at(%s, '2025-10-31', 'SUSPENDED')$$, id),
    format($$UPDATE core.organizations SET committed_at = '2025-10-02' WHERE id = %s$$, id), format($$UPDATE core.organizations SET committed_at = '2026-10-02' WHERE id = %s$$, id),
    format($$UPDATE core.organizations SET committed_at = NULL, status = 'FAILED' WHERE id = %s$$, id),
    $$SELECT admin.set_price('cpu', 1, '2025-10-31', 'r')$$, $$SELECT admin.set_price('cpu', 1, '-infinity', 'r')$$, $$DELETE FROM finops.prices$$,
    $$INSERT INTO finops.prices (resource, valid, price, currency, reason, actor) VALUES ('cpu', '[2024-01-01,2024-02-01)', 1, 'EUR', 'r', 'a')$$,
    $$UPDATE finops.prices SET valid = tstzrange(lower(valid), '2025-10-30') WHERE upper(valid) IS NULL$$,
    format($$INSERT INTO finops.adjustments (org_id, booked_at, amount, currency, reason, actor) VALUES (%s, '2025-10-15', 1, 'EUR', 'r', 'a')$$, id),
    $$TRUNCATE finops.prices$$, $$UPDATE finops.resources SET billed_in = '{COMMITTED,SUSPENDED}'$$, $$UPDATE finops.resources SET units = 2 WHERE resource = 'cpu'$$,
    $$UPDATE finops.resources SET unit = 'thread'$$, $$DELETE FROM finops.resources$$, $$TRUNCATE finops.resources CASCADE$$, $$INSERT INTO finops.resources VALUES ('cpu', 'core', 1, '{}', 'd')$$,
    $$UPDATE finops.books SET closed_until = '2025-10-31'$$, $$UPDATE finops.books SET closed_until = '-infinity'$$, $$DELETE FROM finops.books$$, $$TRUNCATE finops.books$$,
    $$SELECT admin.close_period('2025-10-01', '2025-11-01', 'again')$$, $$SELECT admin.close_period('2025-12-01', '2026-01-01', 'a gap')$$]) AS statement;
SELECT throws_ok(statement, '42501', NULL, 'append-only: ' || statement)
FROM unnest(ARRAY['UPDATE finops.invoices SET amount = 0', 'DELETE FROM finops.invoices', 'TRUNCATE finops.invoices', 'DELETE FROM finops.periods', 'UPDATE finops.periods SET ends_at = now()', 'DELETE FROM finops.adjustments', 'UPDATE finops.adjustments SET amount = 1']) AS statement;
SELECT lives_ok(format($$SELECT tap.quota_at(%s, '2025-11-01', '12'), admin.set_price('memory', 0.005, '2025-11-01', 'list')$$, id), 'from its end on everything goes on') FROM org;
SELECT lives_ok('UPDATE finops.resources SET description = ''Cores.'' WHERE resource = ''cpu''', 'what is said for people, too');
SELECT is_empty($$(TABLE before EXCEPT SELECT * FROM admin.bill('2025-10-01', '2025-11-01')) UNION ALL (SELECT * FROM admin.bill('2025-10-01', '2025-11-01') EXCEPT TABLE before)$$, 'and changes nothing before');
SELECT is_empty('SELECT * FROM admin.verify_books()', 'the books are as they were');
-- A transaction is billed up to its begin, whatever the clock says when it closes.
BEGIN;
SELECT is(tap.try_as('dba', NULL, format('SELECT admin.close_period(''2025-11-01'', %L, ''r'')', now() - interval '1 hour' + by)), outcome, 'closed up to an hour before the transaction''s begin and ' || by)
FROM (VALUES ('1 us'::interval, '55000')) AS v (by, outcome);
SELECT is(tap.try_as('dba', NULL, format('SELECT upper(tstzrange(starts_at, ends_at)) = now() - interval ''1 hour'' FROM admin.close_period(''2025-11-01'', %L, ''r'')', now() - interval '1 hour')), 'true', 'up to that hour');
ROLLBACK;
-- Around the triggers, as only an owner could.
BEGIN;
ALTER TABLE finops.quota_changes DISABLE TRIGGER closed_books;
SELECT tap.quota_at(id, '2025-10-31', '11') FROM org;
SELECT is((SELECT string_agg(concat_ws(' ', starts_at::date, trim_scale(computed - invoiced)), ',') FROM admin.verify_books()), '2025-10-01 -24105.6', 'what was changed nevertheless is found');
ROLLBACK;

SELECT is(tap.do_as('dba', NULL, format('SELECT amount FROM admin.adjust_bill(%s, -42.50, ''outage'', ''2025-10-12'')', id)), '-42.5', 'a credit') FROM org;
SELECT is(tap.try_as('app', id::text, $$SELECT concat_ws(' ', resource, amount, currency, note) FROM bill('2025-10-01', now() - interval '5 minutes') WHERE resource = 'adjustment'$$), '', 'not in one of what was before') FROM org;
SELECT is((SELECT concat_ws(' ', resource, trim_scale(amount), currency, note) FROM admin.bill(now() - interval '1 minute', 'infinity') WHERE resource = 'adjustment'), 'adjustment -42.5 EUR outage', 'in the bill of its time');
SELECT is((SELECT amount FROM admin.bill_total('2025-10-01', '2025-11-01') WHERE slug = 'acme'), 404.87, 'and not in the one that it corrects');
SELECT is(tap.try_as('dba', NULL, format('SELECT admin.adjust_bill(%s)', replace(arguments, 'ORG', id::text))), outcome, arguments)
FROM org, (VALUES ('ORG, 0, ''r''', '22023'), ('ORG, 0.001, ''r''', '22023'), ('ORG, NULL, ''r''', '22023'), ('ORG, ''NaN'', ''r''', '22023'), ('ORG, 1, NULL', '22023'), ('ORG, 1, ''r'', NULL, ''euro''', '22023'),
    ('ORG, 1, ''r'', now() + interval ''1 day''', '22023'), ('0, 1, ''r''', 'P0002'), ('NULL, 1, ''r''', 'P0002'), ('987654321, 1, ''r''', 'P0002')) AS v (arguments, outcome);

-- MARK: Properties, of histories made by chance with a fixed seed

SELECT setseed(0.4711);
CREATE TEMP TABLE chance AS SELECT n, tap.org_since('chance-' || n, '2026-03-20'::timestamptz + floor(random() * 100) * interval '1 hour') AS id FROM generate_series(1, 12) AS n;
-- On whole hours, so that they can be added up hour by hour; about daylight saving on 29 March.
SELECT count(tap.quota_at(c.id, '2026-03-15'::timestamptz + floor(random() * 720) * interval '1 hour', (floor(random() * 64) * 250)::text || 'm', floor(random() * 99) || 'Gi', floor(random() * 1e12)::bigint::text))
FROM chance AS c, generate_series(1, 15) AS k;
SELECT count(tap.status_at(c.id, o.committed_at + floor(random() * 400) * interval '1 hour', (ARRAY['SUSPENDED', 'COMMITTED', 'DELETING'])[1 + floor(random() * 2.3)]))
FROM chance AS c JOIN core.organizations AS o ON o.id = c.id, generate_series(1, 4) AS k;
SELECT count(admin.set_price(resource, round(random()::numeric, 4), '2026-03-15'::timestamptz + k * 4 * interval '1 day' + floor(random() * 90) * interval '1 hour', 'chance', CASE WHEN k < 5 THEN 'EUR' ELSE 'CHF' END))
FROM finops.resources, generate_series(1, 8) AS k;
-- Two corrections each, of which some lie where a period is cut, below.
INSERT INTO finops.adjustments (org_id, booked_at, amount, currency, reason, actor)
SELECT c.id, '2026-03-14'::timestamptz + random() * 3e6 * interval '1 second', CASE WHEN random() < 0.5 THEN -1 ELSE 1 END * round((1 + random() * 1000)::numeric, 2), (ARRAY['EUR', 'CHF'])[1 + floor(random() * 2)], 'chance', 'a'
FROM chance AS c, generate_series(1, 2) AS k;
ANALYZE;

-- Another way to the same: hour by hour, by the quota, the status and the price of that hour.
CREATE FUNCTION tap.by_the_hour(p_org bigint, p_from timestamptz, p_to timestamptz) RETURNS numeric LANGUAGE sql AS $$
    SELECT sum(finops.quantity(CASE r.resource WHEN 'cpu' THEN q.cpu WHEN 'memory' THEN q.memory ELSE q.storage END) * r.units * 3600 * p.price)
    FROM generate_series(p_from, p_to - interval '1 hour', interval '1 hour') AS h
    CROSS JOIN finops.resources AS r
    JOIN core.organizations AS o ON o.id = p_org AND o.committed_at <= h
    CROSS JOIN LATERAL finops.effective_quota(p_org, h) AS q
    JOIN finops.prices AS p ON p.resource = r.resource AND p.valid @> h
    WHERE coalesce((SELECT e.detail ->> 'new' FROM core.organization_events AS e WHERE e.org_id = p_org AND e.what = 'status' AND e.occurred_at BETWEEN o.committed_at AND h ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT 1), 'COMMITTED') = ANY (r.billed_in)
$$;
SELECT is((SELECT sum(exact) FROM finops.bill_lines(c.id, '2026-03-20', '2026-04-10') WHERE resource <> 'adjustment'), tap.by_the_hour(c.id, '2026-03-20', '2026-04-10'), 'hour by hour it is the same: organisation ' || c.n)
FROM chance AS c;
SELECT ok(count(*) > 100 AND count(DISTINCT status) = 2 AND count(DISTINCT currency) = 2, 'there were histories') FROM chance AS c, finops.bill_lines(c.id, '2026-03-20', '2026-04-10');

-- Cut anywhere, to the microsecond: what is exact adds up for each resource and currency.
CREATE TEMP TABLE cut AS
SELECT k, (SELECT c.id FROM chance AS c WHERE c.n = 1 + k % 12) AS id, t[1] AS a, t[2] AS b, t[3] AS c
FROM (SELECT k, (SELECT array_agg(x.at ORDER BY x.at) FROM (SELECT '2026-03-14'::timestamptz + (random() * 3e6 + k * 0) * interval '1 second' AS at FROM generate_series(1, 3)) AS x) AS t
      FROM generate_series(1, 300) AS k) AS s;
-- Many periods begin, meet or end where something is booked, to the microsecond.
UPDATE cut SET a = CASE WHEN k % 7 = 0 THEN j.first ELSE a END, b = CASE WHEN k % 7 = 2 THEN j.first ELSE b END, c = CASE WHEN k % 7 = 4 THEN j.last ELSE c END
FROM (SELECT org_id, min(booked_at) AS first, max(booked_at) AS last FROM finops.adjustments GROUP BY org_id) AS j
WHERE j.org_id = id AND CASE k % 7 WHEN 0 THEN j.first < b WHEN 2 THEN j.first BETWEEN a AND c WHEN 4 THEN j.last > b ELSE false END;
SELECT cmp_ok(count(*) FILTER (WHERE booked_at = at), '>', 5::bigint, 'something is booked where a period ' || edge)
FROM cut JOIN finops.adjustments AS j ON j.org_id = cut.id, LATERAL (VALUES ('begins', a), ('is cut', b), ('ends', c)) AS v (edge, at) GROUP BY edge;
SELECT is_empty($$
    SELECT k FROM cut, LATERAL (
        SELECT resource, currency FROM (
            SELECT resource, currency, exact, quantity * seconds AS used FROM finops.bill_lines(id, a, b)
            UNION ALL SELECT resource, currency, exact, quantity * seconds FROM finops.bill_lines(id, b, c)
            UNION ALL SELECT resource, currency, -exact, -quantity * seconds FROM finops.bill_lines(id, a, c)) AS l
        GROUP BY resource, currency HAVING sum(exact) <> 0 OR sum(used) <> 0) AS broken$$, 'additive over 300 pairs of adjacent periods');
-- The same of what an application is told.
CREATE FUNCTION tap.total(p_org bigint, p_from timestamptz, p_to timestamptz) RETURNS TABLE (currency text, exact numeric) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tap.become('app', p_org::text);
    RETURN QUERY SELECT t.currency, t.exact FROM api.bill_total(p_from, p_to) AS t;
    PERFORM tap.become('postgres', NULL);
END
$$;
SELECT is_empty($$
    SELECT k FROM cut, LATERAL (
        SELECT currency FROM (SELECT * FROM tap.total(id, a, b) UNION ALL SELECT * FROM tap.total(id, b, c) UNION ALL SELECT currency, -exact FROM tap.total(id, a, c)) AS t
        GROUP BY currency HAVING sum(exact) <> 0) AS broken$$, 'and so are the sums of api.bill_total');
SELECT ok((SELECT count(DISTINCT currency) = 2 AND count(*) > 300 FROM cut, tap.total(id, a, c)), 'of both currencies');
SELECT ok((SELECT count(*) FROM cut, LATERAL (SELECT FROM finops.bill_lines(id, a, c) LIMIT 1) AS l) > 200, 'most of which have lines');
-- All together is each by itself.
SELECT is_empty($$
    SELECT slug, resource, starts_at, ends_at, exact FROM admin.bill('2026-03-20', '2026-04-10') WHERE slug LIKE 'chance%'
    EXCEPT SELECT o.slug, l.resource, lower(l.during), upper(l.during), l.exact FROM chance AS c JOIN core.organizations AS o ON o.id = c.id, finops.bill_lines(c.id, '2026-03-20', '2026-04-10') AS l$$, 'all organisations'' bill is that of each');

SELECT * FROM finish();
