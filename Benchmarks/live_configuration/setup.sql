-- One organisation, keys that take any number, and beside our tables the one that a user would write who
-- notifies by himself: a table, a trigger.
SELECT (api.create_organization(gen_random_uuid(), 'Bench', 'o@example.com', 'bench')).id;
INSERT INTO config.key_schema (service, key, owner, type, description) VALUES ('ai', '*', 'ai', 'integer', 'A number.') ON CONFLICT DO NOTHING;
INSERT INTO service_configs (org_id, service, key, value)
SELECT o.id, 'ai', 'k' || n, '0' FROM organizations AS o, generate_series(0, 999) AS n WHERE o.slug = 'bench';
CREATE SCHEMA plain;
CREATE TABLE plain.configs (key text PRIMARY KEY, value text, version bigint NOT NULL DEFAULT 1);
INSERT INTO plain.configs (key) SELECT 'k' || n FROM generate_series(0, 999) AS n;
INSERT INTO plain.configs (key) VALUES ('floor');
CREATE FUNCTION plain.notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('plain', json_build_object('key', NEW.key, 'version', NEW.version)::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER notify AFTER UPDATE ON plain.configs FOR EACH ROW WHEN (NEW.key <> 'floor') EXECUTE FUNCTION plain.notify();
GRANT USAGE ON SCHEMA plain TO app, pod_ai;
GRANT SELECT ON plain.configs TO app, pod_ai;
GRANT UPDATE ON plain.configs TO app;
VACUUM ANALYZE;
