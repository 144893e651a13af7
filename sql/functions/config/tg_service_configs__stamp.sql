SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.tg_service_configs__stamp() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.version := 1;
    ELSE
        IF (NEW.org_id, NEW.config_id, NEW.service, NEW.key)
            IS DISTINCT FROM (OLD.org_id, OLD.config_id, OLD.service, OLD.key) THEN
            RAISE EXCEPTION 'organisation, service and key of a configuration row never change'
                USING ERRCODE = '55000', HINT = 'Set the old key to NULL and insert the new one.';
        END IF;
        IF NEW.value IS NOT DISTINCT FROM OLD.value THEN
            -- Nothing changed. ark_system stamps rows anew when the epoch rises.
            IF current_user = 'ark_system' THEN
                OLD.xid := NEW.xid;
            END IF;
            RETURN OLD;
        END IF;
        NEW.version := OLD.version + 1;
    END IF;
    -- Only the platform's functions run as ark_system.
    IF current_user <> 'ark_system' AND EXISTS (
        SELECT FROM config.key_schema AS k
        WHERE k.service = NEW.service AND k.key IN (NEW.key, '*') AND k.is_mirror
    ) THEN
        RAISE EXCEPTION '%.% mirrors something else and is not set by hand', NEW.service, NEW.key
            USING ERRCODE = '42501',
                  HINT = 'Change what it mirrors: quotas by api.request_quota.';
    END IF;
    PERFORM config.check_value(NEW.service, NEW.key, NEW.value);
    IF NEW.service = 'features' THEN
        PERFORM config.check_flag_value(NEW.org_id, NEW.key, NEW.value);
        IF NEW.org_id = 0 THEN
            -- Where what flags need of each other stays as it is, nobody waits: least of all a kill switch.
            IF TG_OP = 'INSERT' OR config.flag_ties(OLD.value) IS DISTINCT FROM config.flag_ties(NEW.value) THEN
                PERFORM config.check_flag_others(NEW.key, NEW.value::jsonb);
            END IF;
        END IF;
    END IF;
    NEW.changed_at := clock_timestamp();
    NEW.xid := pg_current_xact_id();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION config.tg_service_configs__stamp() IS
    'Checks the value, raises the version, stamps time and transaction. What the statement says of them is ignored.';
REVOKE EXECUTE ON FUNCTION config.tg_service_configs__stamp() FROM PUBLIC;

CREATE OR REPLACE TRIGGER stamp
    BEFORE INSERT OR UPDATE ON config.service_configs
    FOR EACH ROW EXECUTE FUNCTION config.tg_service_configs__stamp();
ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER stamp;
