\set k random(1, 100)
\set v random(1, 1000000)
WITH old AS (
    SELECT c.org_id, c.config_id, c.value FROM plain.service_configs AS c
    WHERE c.org_id = :org AND c.service = 'bench' AND c.key = 'k' || :k FOR UPDATE
), new AS (
    UPDATE plain.service_configs AS c
    SET value = :v, version = c.version + 1, changed_at = clock_timestamp(), xid = pg_current_xact_id()
    FROM old WHERE c.org_id = old.org_id AND c.config_id = old.config_id
    RETURNING c.*, old.value AS old_value
)
INSERT INTO plain.config_history
    (org_id, config_id, service, key, version, old_value, new_value, changed_by, login, changed_at, reason, xid)
SELECT n.org_id, n.config_id, n.service, n.key, n.version, n.old_value, n.value, 'bench', session_user, n.changed_at, 'bench', n.xid
FROM new AS n;
