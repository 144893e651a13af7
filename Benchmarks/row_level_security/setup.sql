-- 50 organisations with 20 projects of 20 notes each.
SELECT (api.create_organization(gen_random_uuid(), 'o' || n, 'o@example.com')).id FROM generate_series(1, 50) AS n;
INSERT INTO core.projects (org_id, name) SELECT o.id, 'p' || n FROM core.organizations AS o, generate_series(1, 20) AS n WHERE o.id > 0
ORDER BY o.id, n;
INSERT INTO core.notes (org_id, project_id, content) SELECT p.org_id, p.id, repeat('n', 100) FROM core.projects AS p, generate_series(1, 20) AS n
ORDER BY p.id, n;
-- An application that row-level security does not hold.
DO $$
BEGIN
    IF to_regrole('bench_bypass') IS NULL THEN
        CREATE ROLE bench_bypass LOGIN BYPASSRLS;
        GRANT ark_app TO bench_bypass;
    END IF;
END
$$;
VACUUM ANALYZE;
