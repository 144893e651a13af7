SET LOCAL ROLE ark_system;

-- Transaction ids mean something only within one history of one database. What tells it apart:
-- the cluster, its timeline (of the current WAL file: pg_control_checkpoint lags behind a
-- promotion), the database and the table (a restore into the same cluster changes them), a nonce
-- that a crash empties (ids of lost transactions are given out again), and when the server was
-- started: files that were copied while it was down, and put back, have everything else as it was.
--
-- Not LANGUAGE sql: it cannot be inlined, and would be planned anew with every read of every pod.
CREATE OR REPLACE FUNCTION config.database_identity() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN format(
        '%s/%s/%s/%s/%s/%s',
        (SELECT c.system_identifier FROM pg_control_system() AS c),
        left(pg_walfile_name(pg_current_wal_lsn()), 8),
        (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()),
        'config.service_configs'::regclass::oid,
        coalesce((SELECT b.nonce::text FROM config.boot AS b LIMIT 1), 'crashed'),
        -- As a number: text would depend on the session's time zone.
        extract(epoch FROM pg_postmaster_start_time()));
END
$$;

COMMENT ON FUNCTION config.database_identity() IS
    'Names this history of this database: system identifier, timeline, database oid, table oid, boot nonce, start of the server. Fails on a standby.';
REVOKE EXECUTE ON FUNCTION config.database_identity() FROM PUBLIC;
