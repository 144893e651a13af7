SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION finops.mirror_quota(p_quota finops.quota_changes) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_reason text := current_setting('app.reason', true);
    v_actor  text := current_setting('app.actor', true);
BEGIN
    PERFORM pg_catalog.set_config('app.reason', p_quota.reason, true),
            pg_catalog.set_config('app.actor', p_quota.actor, true);
    INSERT INTO config.service_configs AS c (org_id, service, key, value)
    VALUES (p_quota.org_id, 'quota', 'cpu', p_quota.cpu),
           (p_quota.org_id, 'quota', 'memory', p_quota.memory),
           (p_quota.org_id, 'quota', 'storage', p_quota.storage)
    ON CONFLICT (org_id, service, key) DO UPDATE SET value = excluded.value;
    PERFORM pg_catalog.set_config('app.reason', coalesce(v_reason, ''), true),
            pg_catalog.set_config('app.actor', coalesce(v_actor, ''), true);
END
$$;

COMMENT ON FUNCTION finops.mirror_quota(finops.quota_changes) IS
    'Mirrors a quota in service_configs (service quota), so that config_history tells of it, too. The same values again change nothing.';
REVOKE EXECUTE ON FUNCTION finops.mirror_quota(finops.quota_changes) FROM PUBLIC;
