-- An organisation with 100,000 notes of 200 characters, beside one that is as large.
SELECT (api.create_organization(gen_random_uuid(), n, 'o@example.com', n)).id FROM unnest(ARRAY['acme', 'beta']) AS n;
UPDATE core.organizations SET status = 'COMMITTED', namespace_uid = 'u', committed_at = now() WHERE id > 0;
INSERT INTO core.projects (org_id, name) SELECT o.id, 'p' || n FROM core.organizations AS o, generate_series(1, 100) AS n WHERE o.id > 0;
INSERT INTO core.notes (org_id, project_id, content)
SELECT p.org_id, p.id, n || repeat(' note', 40) FROM core.projects AS p, generate_series(1, 1000) AS n;
CREATE SCHEMA plain AUTHORIZATION dba;
GRANT SELECT ON core.notes TO dba;
VACUUM ANALYZE;
SELECT admin.export_org('acme', 'benchmark');
