SET LOCAL ROLE ark_owner;

-- A constant payload: PostgreSQL folds equal notifications of a transaction into one, and a value
-- never leaves the database this way.
CREATE OR REPLACE FUNCTION config.tg_service_configs__wake() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- PostgreSQL refuses to PREPARE a transaction that has notified. One that is to be prepared says
    -- SET LOCAL app.wake_up = off; the bridge's poll finds it within a second of its commit.
    IF current_setting('app.wake_up', true) IS DISTINCT FROM 'off' THEN
        NOTIFY config_feed;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION config.tg_service_configs__wake() IS 'Wakes the bridge: NOTIFY config_feed, once per transaction, unless app.wake_up is off (for PREPARE TRANSACTION).';
REVOKE EXECUTE ON FUNCTION config.tg_service_configs__wake() FROM PUBLIC;

CREATE OR REPLACE TRIGGER wake
    AFTER INSERT OR UPDATE ON config.service_configs
    FOR EACH STATEMENT EXECUTE FUNCTION config.tg_service_configs__wake();
ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER wake;
