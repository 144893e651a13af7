SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.months_of_history_astray() RETURNS timestamp[]
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT date_trunc('month', h.changed_at AT TIME ZONE 'UTC')
        FROM config.config_history_astray AS h);
END
$$;

COMMENT ON FUNCTION config.months_of_history_astray() IS 'A step of config.make_history_partitions.';
REVOKE EXECUTE ON FUNCTION config.months_of_history_astray() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.months_of_history_astray() TO ark_owner;
