-- One of 50 organisations with 100 keys of one type. Beside the tables two of the same columns and
-- indexes without triggers, foreign keys and policies.
SELECT (api.create_organization(gen_random_uuid(), 'o' || n, 'o@example.com')).id FROM generate_series(1, 50) AS n;
INSERT INTO config.key_schema (service, key, owner, type, description) VALUES ('bench', '*', 'bench', 'integer', 'A number.');
INSERT INTO config.service_configs (org_id, service, key, value)
SELECT o.id, 'bench', 'k' || n, '0' FROM core.organizations AS o, generate_series(1, 100) AS n WHERE o.id > 0;
CREATE SCHEMA plain;
CREATE TABLE plain.service_configs (LIKE config.service_configs INCLUDING ALL);
CREATE TABLE plain.config_history (LIKE config.config_history INCLUDING ALL);
INSERT INTO plain.service_configs OVERRIDING SYSTEM VALUE SELECT * FROM config.service_configs;
GRANT USAGE ON SCHEMA plain TO app;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA plain TO app;
VACUUM ANALYZE;
