SET LOCAL ROLE ark_system;

-- The mark, and which cluster, on which timeline (of the current WAL file: pg_control_checkpoint lags
-- behind a promotion).
CREATE OR REPLACE FUNCTION config.database_identity() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT format('%s/%s/%s', h.mark, c.system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8))
        FROM config.current_history AS h, pg_control_system() AS c);
END
$$;

COMMENT ON FUNCTION config.database_identity() IS
    'Names this history of this database: the mark of config.current_history, system identifier, timeline. Fails on a standby.';
REVOKE EXECUTE ON FUNCTION config.database_identity() FROM PUBLIC;
