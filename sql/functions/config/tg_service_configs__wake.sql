SET LOCAL ROLE ark_owner;

-- PostgreSQL lets transactions that have notified commit one after another only, so nobody notifies a
-- bridge that is awake. The order matters, see config.feed_sleep: first the lock, then the flag.
-- A constant payload: equal notifications of a transaction become one, and a value never leaves the
-- database this way. Definer's rights: no login reads a sequence.
CREATE OR REPLACE FUNCTION config.tg_service_configs__wake() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- PostgreSQL refuses to PREPARE a transaction that has notified. One that is to be prepared says
    -- SET LOCAL app.wake_up = off; the bridge's poll finds it within a second of its commit.
    IF current_setting('app.wake_up', true) = 'off' THEN
        RETURN NULL;
    END IF;
    IF pg_try_advisory_xact_lock_shared(config.feed_lock()) THEN
        IF (SELECT s.last_value FROM config.feed_awake AS s) = 1 THEN
            RETURN NULL;
        END IF;
    END IF;
    NOTIFY config_feed;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION config.tg_service_configs__wake() IS 'Wakes the bridge if it sleeps: NOTIFY config_feed, once per transaction, unless app.wake_up is off (for PREPARE TRANSACTION).';
REVOKE EXECUTE ON FUNCTION config.tg_service_configs__wake() FROM PUBLIC;

CREATE OR REPLACE TRIGGER wake
    AFTER INSERT OR UPDATE ON config.service_configs
    FOR EACH STATEMENT EXECUTE FUNCTION config.tg_service_configs__wake();
ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER wake;
