SET LOCAL ROLE ark_system;

-- As ark_system: whoever may change a value need not be able to write history, and cannot.
CREATE OR REPLACE FUNCTION config.tg_service_configs__record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_old    config.service_configs;
    v_reason text := nullif(current_setting('app.reason', true), '');
BEGIN
    IF v_reason IS NOT NULL THEN
        PERFORM core.require_reason(v_reason);
    END IF;
    -- It marks what was erased.
    IF NEW.value = '[erased]' THEN
        RAISE EXCEPTION '[erased] marks what was erased from the history, and is no value' USING ERRCODE = '22023';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        v_old := OLD;
    ELSE
        -- Waits for whoever is deleting the organisation at this moment. (An UPDATE has waited for its
        -- tombstone.)
        PERFORM FROM core.organizations AS o WHERE o.id = NEW.org_id FOR KEY SHARE;
    END IF;
    IF NEW.value IS NOT NULL AND EXISTS (
        SELECT FROM core.organizations AS o WHERE o.id = NEW.org_id AND o.status IN ('DELETING', 'DELETED')
    ) THEN
        RAISE EXCEPTION 'organisation % is deleted: its configuration stays so', NEW.org_id USING ERRCODE = '55000';
    END IF;
    INSERT INTO config.config_history
        (org_id, config_id, service, key, version, old_value, new_value,
         changed_by, login, changed_at, reason, xid)
    VALUES
        (NEW.org_id, NEW.config_id, NEW.service, NEW.key, NEW.version, v_old.value, NEW.value,
         coalesce(nullif(left(core.actor(), 254), '[erased]'), session_user), session_user, NEW.changed_at,
         coalesce(v_reason, 'no reason given'), NEW.xid);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION config.tg_service_configs__record() IS
    'Writes config_history: who (core.actor), when, old, new, why (app.reason). 55000: a value of an organisation that is deleted. 22023: no reason that core.require_reason lets pass.';
REVOKE EXECUTE ON FUNCTION config.tg_service_configs__record() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.tg_service_configs__record() TO ark_owner;

SET LOCAL ROLE ark_owner;
CREATE OR REPLACE TRIGGER record_insert
    AFTER INSERT ON config.service_configs
    FOR EACH ROW EXECUTE FUNCTION config.tg_service_configs__record();
CREATE OR REPLACE TRIGGER record_update
    AFTER UPDATE ON config.service_configs
    FOR EACH ROW WHEN (OLD.version <> NEW.version)
    EXECUTE FUNCTION config.tg_service_configs__record();
ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER record_insert;
ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER record_update;
