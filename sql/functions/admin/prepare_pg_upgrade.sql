SET LOCAL ROLE ark_owner;

-- pg_upgrade carries changed rights on PostgreSQL's own functions by their whole signature, results included,
-- and stops where the next major version has another one: pg_stat_get_activity of 16 has a column more.
CREATE OR REPLACE FUNCTION admin.prepare_pg_upgrade() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    GRANT EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea),
        pg_stat_get_activity(integer), pg_stat_get_backend_activity(integer),
        pg_terminate_backend(integer, bigint), pg_cancel_backend(integer) TO PUBLIC;
    REVOKE EXECUTE ON FUNCTION pg_terminate_backend(integer, bigint), pg_cancel_backend(integer)
        FROM pg_signal_backend, ark_migrator, ark_dba;
    REVOKE EXECUTE ON FUNCTION pg_stat_get_activity(integer), pg_stat_get_backend_activity(integer)
        FROM pg_read_all_stats, ark_migrator, ark_system, ark_dba, ark_monitor;
END
$$;

COMMENT ON FUNCTION admin.prepare_pg_upgrade() IS
    'Gives PostgreSQL''s own functions their rights back, as a superuser and just before pg_upgrade, which stops at changed ones. After it: SELECT admin.apply_database_settings(). 42501: you are no superuser. Example: SELECT admin.prepare_pg_upgrade();';
REVOKE EXECUTE ON FUNCTION admin.prepare_pg_upgrade() FROM PUBLIC;
