SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.tg_key_schema__service() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO config.feed_services (service) VALUES (NEW.service) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION config.tg_key_schema__service() IS 'Every service that has a key has a sequence in the feed.';
REVOKE EXECUTE ON FUNCTION config.tg_key_schema__service() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.tg_key_schema__service() TO ark_owner;

SET LOCAL ROLE ark_owner;
CREATE OR REPLACE TRIGGER service
    AFTER INSERT OR UPDATE OF service ON config.key_schema
    FOR EACH ROW EXECUTE FUNCTION config.tg_key_schema__service();
ALTER TABLE config.key_schema ENABLE ALWAYS TRIGGER service;
