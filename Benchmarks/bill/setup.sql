-- A thousand organisations with a change of their quota each month of 2025, suspended for a week, and a
-- price that rises in the middle of the year. Beside them the same ranges of time, cut beforehand, for
-- the baseline.
INSERT INTO core.organizations (name, slug, owner_email, plan, status, operation_id, request_hash, namespace_uid, committed_at)
SELECT 'o' || n, 'o' || n, 'o@example.com', 'standard', 'COMMITTED', gen_random_uuid(), '', 'u', '2025-01-01'
FROM generate_series(1, 1000) AS n;
ALTER TABLE finops.quota_changes DISABLE TRIGGER mirror;
INSERT INTO finops.quota_changes (org_id, cpu, memory, storage, effective_at, reason, actor)
SELECT o.id, 10 + m || '', 20 + m || 'Gi', '10Gi', '2025-01-01'::timestamptz + m * interval '1 month', 'r', 'a'
FROM core.organizations AS o, generate_series(0, 11) AS m WHERE o.id > 0 ORDER BY m, o.id;
ALTER TABLE finops.quota_changes ENABLE ALWAYS TRIGGER mirror;
INSERT INTO core.organization_events (org_id, what, detail, actor, login, reason, occurred_at)
SELECT o.id, 'status', jsonb_build_object('new', s.status), 'a', 'l', 'r', s.at
FROM core.organizations AS o, (VALUES ('SUSPENDED', '2025-05-03'::timestamptz), ('COMMITTED', '2025-05-10')) AS s (status, at)
WHERE o.id > 0 ORDER BY s.at;
SELECT admin.set_price(r, 0.01, '2025-01-01', 'list'), admin.set_price(r, 0.02, '2025-07-15', 'list')
FROM unnest(ARRAY['cpu', 'memory', 'storage']) AS r;
CREATE SCHEMA plain;
CREATE TABLE plain.lines AS SELECT org_id, quantity, seconds, price FROM finops.bill_lines(NULL, '2025-01-01', '2026-01-01');
CREATE INDEX ON plain.lines (org_id);
GRANT USAGE ON SCHEMA plain TO dba;
GRANT SELECT ON plain.lines TO dba;
VACUUM ANALYZE;
