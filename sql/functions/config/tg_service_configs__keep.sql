SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.tg_service_configs__keep() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'configuration rows are not deleted: their version would start anew'
        USING ERRCODE = '55000',
              HINT = 'UPDATE service_configs SET value = NULL leaves a tombstone that subscribers hear of.';
END
$$;

COMMENT ON FUNCTION config.tg_service_configs__keep() IS 'Refuses DELETE and TRUNCATE: a tombstone keeps the version.';
REVOKE EXECUTE ON FUNCTION config.tg_service_configs__keep() FROM PUBLIC;

CREATE OR REPLACE TRIGGER keep_on_delete
    BEFORE DELETE ON config.service_configs
    FOR EACH STATEMENT EXECUTE FUNCTION config.tg_service_configs__keep();
CREATE OR REPLACE TRIGGER keep_on_truncate
    BEFORE TRUNCATE ON config.service_configs
    FOR EACH STATEMENT EXECUTE FUNCTION config.tg_service_configs__keep();
ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER keep_on_delete;
ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER keep_on_truncate;
