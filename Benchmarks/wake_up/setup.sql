-- One of 50 organisations with 100 keys of one type.
SELECT (api.create_organization(gen_random_uuid(), 'o' || n, 'o@example.com')).id FROM generate_series(1, 50) AS n;
INSERT INTO config.key_schema (service, key, owner, type, description) VALUES ('bench', '*', 'bench', 'integer', 'A number.');
INSERT INTO config.service_configs (org_id, service, key, value)
SELECT o.id, 'bench', 'k' || n, '0' FROM core.organizations AS o, generate_series(1, 100) AS n WHERE o.id > 0;
VACUUM ANALYZE;
