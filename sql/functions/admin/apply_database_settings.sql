SET LOCAL ROLE ark_owner;

-- What belongs to a database but not to its contents: CREATE DATABASE … TEMPLATE and pg_restore
-- leave it behind. Invoker's rights: the database's owner, or a superuser.
CREATE OR REPLACE FUNCTION admin.apply_database_settings() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format(
        'ALTER DATABASE %I SET search_path = "$user", core, config, finops, api, public',
        current_database());
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO ark_owner', current_database());
    -- Large objects belong to logins, not to organisations. PostgreSQL's own functions are a superuser's.
    IF (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user) THEN
        REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC;
        -- Every session of a login sees what its others are running: all organisations' are the same login.
        REVOKE EXECUTE ON FUNCTION pg_stat_get_activity(integer), pg_stat_get_backend_activity(integer) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION pg_stat_get_activity(integer), pg_stat_get_backend_activity(integer)
            TO pg_read_all_stats, ark_migrator, ark_system, ark_dba, ark_monitor;
        -- Nor does one end another's.
        REVOKE EXECUTE ON FUNCTION pg_terminate_backend(integer, bigint), pg_cancel_backend(integer) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION pg_terminate_backend(integer, bigint), pg_cancel_backend(integer)
            TO pg_signal_backend, ark_migrator, ark_dba;
    END IF;
END
$$;

COMMENT ON FUNCTION admin.apply_database_settings() IS
    'Sets what a copy of the database lacks: the search_path that makes unqualified names work, and the rights on the database itself. Run it after CREATE DATABASE … TEMPLATE and after a restore. Example: SELECT admin.apply_database_settings();';
REVOKE EXECUTE ON FUNCTION admin.apply_database_settings() FROM PUBLIC;

RESET ROLE;
SELECT admin.apply_database_settings();
