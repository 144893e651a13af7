SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION finops.tg_quota_changes__mirror() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- One whose time has not come is mirrored then, by finops.mirror_due_quotas.
    IF NEW.effective_at <= clock_timestamp() THEN
        PERFORM finops.mirror_quota(NEW);
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION finops.tg_quota_changes__mirror() IS
    'Mirrors a quota that is effective at once in service_configs.';
REVOKE EXECUTE ON FUNCTION finops.tg_quota_changes__mirror() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION finops.tg_quota_changes__mirror() TO ark_owner;

SET LOCAL ROLE ark_owner;
CREATE OR REPLACE TRIGGER mirror
    AFTER INSERT ON finops.quota_changes
    FOR EACH ROW EXECUTE FUNCTION finops.tg_quota_changes__mirror();
ALTER TABLE finops.quota_changes ENABLE ALWAYS TRIGGER mirror;
