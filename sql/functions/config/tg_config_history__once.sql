SET LOCAL ROLE ark_owner;

-- No index reaches across partitions. The trigger of service_configs needs none: it holds the live row,
-- whose version it has just raised. Whoever else inserts is looked at here, in all partitions.
CREATE OR REPLACE FUNCTION config.tg_config_history__once() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- One at a time for a row.
    PERFORM FROM config.service_configs AS c
    WHERE c.org_id = NEW.org_id AND c.config_id = NEW.config_id
    FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM config.config_history AS h
        WHERE h.org_id = NEW.org_id AND h.config_id = NEW.config_id AND h.version = NEW.version)
    THEN
        RAISE EXCEPTION 'version % of configuration % is already recorded', NEW.version, NEW.config_id
            USING ERRCODE = '23505', CONSTRAINT = 'version_is_recorded_once';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION config.tg_config_history__once() IS 'A version is recorded once, across all partitions (23505): for whatever is inserted otherwise than by the trigger of service_configs.';
REVOKE EXECUTE ON FUNCTION config.tg_config_history__once() FROM PUBLIC;

CREATE OR REPLACE TRIGGER once
    BEFORE INSERT ON config.config_history
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION config.tg_config_history__once();
ALTER TABLE config.config_history ENABLE ALWAYS TRIGGER once;
