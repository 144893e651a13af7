SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION finops.tg_quota_changes__mirror() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_reason text := current_setting('app.reason', true);
    v_actor  text := current_setting('app.actor', true);
BEGIN
    PERFORM pg_catalog.set_config('app.reason', NEW.reason, true),
            pg_catalog.set_config('app.actor', NEW.actor, true);
    INSERT INTO config.service_configs AS c (org_id, service, key, value)
    VALUES (NEW.org_id, 'quota', 'cpu', NEW.cpu),
           (NEW.org_id, 'quota', 'memory', NEW.memory),
           (NEW.org_id, 'quota', 'storage', NEW.storage)
    ON CONFLICT (org_id, service, key) DO UPDATE SET value = excluded.value;
    PERFORM pg_catalog.set_config('app.reason', coalesce(v_reason, ''), true),
            pg_catalog.set_config('app.actor', coalesce(v_actor, ''), true);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION finops.tg_quota_changes__mirror() IS
    'Mirrors a quota in service_configs (service quota), so that config_history tells of it, too.';
REVOKE EXECUTE ON FUNCTION finops.tg_quota_changes__mirror() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION finops.tg_quota_changes__mirror() TO ark_owner;

SET LOCAL ROLE ark_owner;
CREATE OR REPLACE TRIGGER mirror
    AFTER INSERT ON finops.quota_changes
    FOR EACH ROW EXECUTE FUNCTION finops.tg_quota_changes__mirror();
ALTER TABLE finops.quota_changes ENABLE ALWAYS TRIGGER mirror;
