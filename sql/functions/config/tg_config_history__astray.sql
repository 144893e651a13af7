SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.tg_config_history__astray() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE WARNING 'config_history has no partition for %', NEW.changed_at
        USING HINT = 'SELECT admin.make_partitions() makes it and moves the row. Is the clock right?';
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION config.tg_config_history__astray() IS
    'Warns of a row that comes to the default partition. It is kept: a write is never lost for want of a partition.';
REVOKE EXECUTE ON FUNCTION config.tg_config_history__astray() FROM PUBLIC;
