SET LOCAL ROLE ark_owner;

-- config_history becomes a table of monthly partitions. Its rows are copied, between NO FORCE and FORCE:
-- FORCE would hide them from their owner.
--
-- Locks in the order in which a writer takes them, so that nobody ends in a deadlock: writers wait in
-- front of service_configs, and find the new table when they go on.
LOCK TABLE config.service_configs IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE config.config_history IN ACCESS EXCLUSIVE MODE;

ALTER TABLE config.config_history RENAME TO config_history_whole;
ALTER TABLE config.config_history_whole RENAME CONSTRAINT config_history_pkey TO config_history_whole_pkey;
ALTER TABLE config.config_history_whole RENAME CONSTRAINT version_is_recorded_once TO whole_version_is_recorded_once;
ALTER SEQUENCE config.config_history_history_id_seq RENAME TO config_history_whole_seq;
ALTER TABLE config.config_history_whole NO FORCE ROW LEVEL SECURITY;

CREATE TABLE config.config_history (
    org_id     bigint NOT NULL,
    history_id bigint GENERATED ALWAYS AS IDENTITY,
    config_id  bigint NOT NULL,
    service    text NOT NULL,
    key        text NOT NULL,
    version    bigint NOT NULL,
    old_value  text,
    new_value  text,
    changed_by text NOT NULL,
    login      name NOT NULL,
    changed_at timestamptz NOT NULL,
    reason     text NOT NULL,
    xid        xid8 NOT NULL,
    -- A key of a partitioned table contains what it is partitioned by. That a version is recorded once
    -- is a constraint of each partition, version_is_recorded_once, and across the partitions the
    -- business of the trigger once.
    PRIMARY KEY (org_id, history_id, changed_at),
    CONSTRAINT config_history_org_id_config_id_fkey
        FOREIGN KEY (org_id, config_id) REFERENCES config.service_configs (org_id, config_id)
) PARTITION BY RANGE (changed_at);
CREATE INDEX config_history_feed ON config.config_history (xid);

COMMENT ON INDEX config.config_history_feed IS 'Sealing: rows by the transaction that wrote them.';
COMMENT ON TABLE config.config_history IS 'Who changed what, when and why. Append-only for everybody. A partition per month (UTC).';
COMMENT ON COLUMN config.config_history.org_id IS 'The organisation.';
COMMENT ON COLUMN config.config_history.history_id IS 'Order of recording.';
COMMENT ON COLUMN config.config_history.config_id IS 'The row of service_configs.';
COMMENT ON COLUMN config.config_history.service IS 'The service, as in service_configs.';
COMMENT ON COLUMN config.config_history.key IS 'The key, as in service_configs.';
COMMENT ON COLUMN config.config_history.version IS 'The version that this change made.';
COMMENT ON COLUMN config.config_history.old_value IS 'The value before; NULL if there was none.';
COMMENT ON COLUMN config.config_history.new_value IS 'The value after; NULL if it was deleted.';
COMMENT ON COLUMN config.config_history.changed_by IS 'Who: as the application claims, else the login.';
COMMENT ON COLUMN config.config_history.login IS 'The database login that did it, which nobody can claim.';
COMMENT ON COLUMN config.config_history.changed_at IS 'When. Decides the partition.';
COMMENT ON COLUMN config.config_history.reason IS 'Why: app.reason or the argument of set_config.';
COMMENT ON COLUMN config.config_history.xid IS 'The transaction.';

-- The partitions: every month that has rows, this one, and six ahead. config.make_history_partitions
-- makes the further ones, in the same way; it does not exist yet in a new database.
--
-- There is a default partition, because a write must not fail on a clock that has jumped out of the
-- months that were made. It is empty: a row that comes there warns in the log, admin.history_health()
-- shows it, and config.make_history_partitions makes its month and moves it.
DO $$
DECLARE
    v_month     timestamp;
    v_partition text;
BEGIN
    FOR v_month IN
        SELECT date_trunc('month', h.changed_at AT TIME ZONE 'UTC') FROM config.config_history_whole AS h
        UNION
        SELECT date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') + n * interval '1 month'
        FROM generate_series(0, 6) AS n
    LOOP
        v_partition := 'config_history_' || to_char(v_month, 'YYYY_MM');
        EXECUTE format(
            'CREATE TABLE config.%I PARTITION OF config.config_history FOR VALUES FROM (%L) TO (%L)',
            v_partition, v_month AT TIME ZONE 'UTC', (v_month + interval '1 month') AT TIME ZONE 'UTC');
    END LOOP;
    CREATE TABLE config.config_history_default PARTITION OF config.config_history DEFAULT;

    FOR v_partition IN
        SELECT i.inhrelid::regclass FROM pg_inherits AS i WHERE i.inhparent = 'config.config_history'::regclass
    LOOP
        EXECUTE format(
            'ALTER TABLE %s ADD CONSTRAINT version_is_recorded_once_%s UNIQUE (org_id, config_id, version)',
            v_partition, replace(v_partition, 'config.config_history_', ''));
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', v_partition);
    END LOOP;
END
$$;

INSERT INTO config.config_history OVERRIDING SYSTEM VALUE
SELECT h.org_id, h.history_id, h.config_id, h.service, h.key, h.version, h.old_value, h.new_value,
       h.changed_by, h.login, h.changed_at, h.reason, h.xid
FROM config.config_history_whole AS h;
SELECT setval('config.config_history_history_id_seq', s.last_value, s.is_called)
FROM config.config_history_whole_seq AS s;

ALTER TABLE config.config_history ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON config.config_history TO ark_system;
GRANT SELECT ON config.config_history TO ark_app, ark_app_ro, ark_dba;

-- Policies and triggers are repeatable files, which run after this is committed. Where there are some
-- already, they hold at once: nothing is written unseen in between.
DO $$
DECLARE
    v_table  text;
    v_policy pg_policies;
    v_right  record;
BEGIN
    FOR v_table IN
        SELECT 'config.config_history'
        UNION ALL
        SELECT i.inhrelid::regclass::text FROM pg_inherits AS i WHERE i.inhparent = 'config.config_history'::regclass
    LOOP
        FOR v_policy IN
            SELECT * FROM pg_policies AS p WHERE p.schemaname = 'config' AND p.tablename = 'config_history_whole'
        LOOP
            EXECUTE format(
                'CREATE POLICY %I ON %s AS %s FOR %s TO %s %s %s',
                v_policy.policyname, v_table, v_policy.permissive, v_policy.cmd,
                (SELECT string_agg(quote_ident(r), ', ') FROM unnest(v_policy.roles) AS r),
                'USING (' || v_policy.qual || ')', 'WITH CHECK (' || v_policy.with_check || ')');
        END LOOP;
        IF to_regprocedure('core.tg_append_only()') IS NOT NULL THEN
            EXECUTE format(
                'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
                'FOR EACH STATEMENT EXECUTE FUNCTION core.tg_append_only()', v_table);
            EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', v_table);
        END IF;
    END LOOP;

    -- Rights that were granted since.
    FOR v_right IN
        SELECT a.grantee::regrole AS role, a.privilege_type AS privilege
        FROM pg_class AS c, aclexplode(c.relacl) AS a
        WHERE c.oid = 'config.config_history_whole'::regclass AND a.grantee NOT IN (0, c.relowner)
    LOOP
        EXECUTE format('GRANT %s ON config.config_history TO %s', v_right.privilege, v_right.role);
    END LOOP;
END
$$;

DROP TABLE config.config_history_whole;
