SET LOCAL ROLE ark_owner;

-- A constant payload: PostgreSQL folds equal notifications of a transaction into one, and a value
-- never leaves the database this way.
CREATE OR REPLACE FUNCTION config.tg_service_configs__wake() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NOTIFY config_feed;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION config.tg_service_configs__wake() IS 'Wakes the bridge: NOTIFY config_feed, once per transaction.';
REVOKE EXECUTE ON FUNCTION config.tg_service_configs__wake() FROM PUBLIC;

CREATE OR REPLACE TRIGGER wake
    AFTER INSERT OR UPDATE ON config.service_configs
    FOR EACH STATEMENT EXECUTE FUNCTION config.tg_service_configs__wake();
ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER wake;
