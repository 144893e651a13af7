SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.tg_service_configs__forget_evaluations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM config.flag_evaluations AS e WHERE e.key = NEW.key;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION config.tg_service_configs__forget_evaluations() IS
    'A flag''s evaluations go with it; and once more when it comes back, as a report may have been under way when it went.';
REVOKE EXECUTE ON FUNCTION config.tg_service_configs__forget_evaluations() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.tg_service_configs__forget_evaluations() TO ark_owner;

SET LOCAL ROLE ark_owner;
CREATE OR REPLACE TRIGGER forget_evaluations
    AFTER UPDATE ON config.service_configs
    FOR EACH ROW WHEN (NEW.org_id = 0 AND NEW.service = 'features' AND (OLD.value IS NULL) <> (NEW.value IS NULL))
    EXECUTE FUNCTION config.tg_service_configs__forget_evaluations();
ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER forget_evaluations;
