SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.history_health(
    OUT partitions_until date, OUT rows_astray bigint, OUT sealed bigint, OUT unsealed bigint,
    OUT oldest_unsealed timestamptz, OUT oldest_transaction timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_month timestamp := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC');
BEGIN
    WHILE to_regclass('config.config_history_' || to_char(v_month, 'YYYY_MM')) IS NOT NULL LOOP
        v_month := v_month + interval '1 month';
    END LOOP;
    partitions_until := v_month;
    rows_astray := 0;
    IF pg_relation_size('config.config_history_default') > 0 THEN
        rows_astray := (
            SELECT count(*) FROM config.config_history AS h
            WHERE h.tableoid = 'config.config_history_default'::regclass);
    END IF;
    sealed := (SELECT coalesce(sum(t.position), 0) FROM config.history_heads AS t);
    SELECT count(*), min(h.changed_at) INTO unsealed, oldest_unsealed
    FROM config.config_history AS h
    WHERE h.xid >= (SELECT c.sealed_before FROM config.history_cursor AS c)
      AND NOT EXISTS (
          SELECT FROM config.history_chain AS c WHERE c.org_id = h.org_id AND c.history_id = h.history_id);
    -- Erasures are sealed like what they erase.
    unsealed := unsealed + (
        SELECT count(*) FROM config.history_erasures AS e
        WHERE NOT EXISTS (
            SELECT FROM config.history_chain AS c WHERE c.org_id = e.org_id AND c.erasure_id = e.erasure_id));
    oldest_transaction := (
        SELECT min(t.started)
        FROM (SELECT a.xact_start AS started FROM pg_stat_activity AS a WHERE a.backend_xid IS NOT NULL
              UNION ALL
              SELECT p.prepared FROM pg_prepared_xacts AS p) AS t);
END
$$;

COMMENT ON FUNCTION admin.history_health() IS
    'partitions_until: the first month (UTC) for which config_history has no partition. rows_astray: rows in the default partition; more than 0 is an alarm. sealed, unsealed, oldest_unsealed: how far the chain has come. oldest_transaction: when the oldest writing transaction of the cluster began, behind which nothing is sealed (NULL: none, or not ours to see). Example: SELECT * FROM admin.history_health();';
REVOKE EXECUTE ON FUNCTION admin.history_health() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.history_health() TO ark_dba, ark_auditor, ark_monitor;
