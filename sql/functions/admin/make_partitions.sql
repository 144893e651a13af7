SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.make_partitions(p_months_ahead integer DEFAULT 6) RETURNS integer
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT config.make_history_partitions(p_months_ahead)
$$;

COMMENT ON FUNCTION admin.make_partitions(integer) IS
    'Makes the monthly partitions of config_history for this month and p_months_ahead more, and empties its default partition. Returns how many it made. 55P03: an application was in the way, call it again. 22023: p_months_ahead. Example: SELECT admin.make_partitions(12);';
REVOKE EXECUTE ON FUNCTION admin.make_partitions(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.make_partitions(integer) TO ark_dba;
