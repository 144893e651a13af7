SET LOCAL ROLE ark_system;

-- The rows of a former default partition go through config_history, each to its month. As ark_system:
-- forced row-level security hides them from their owner.
CREATE OR REPLACE FUNCTION config.move_history_astray() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO config.config_history OVERRIDING SYSTEM VALUE
    SELECT h.org_id, h.history_id, h.config_id, h.service, h.key, h.version, h.old_value, h.new_value,
           h.changed_by, h.login, h.changed_at, h.reason, h.xid
    FROM config.config_history_astray AS h;
END
$$;

COMMENT ON FUNCTION config.move_history_astray() IS 'A step of config.make_history_partitions.';
REVOKE EXECUTE ON FUNCTION config.move_history_astray() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.move_history_astray() TO ark_owner;
