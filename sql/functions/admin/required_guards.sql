SET LOCAL ROLE ark_owner;

-- By hand, since the catalog cannot tell what is missing from it. A test holds it to the catalog.
CREATE OR REPLACE FUNCTION admin.required_guards()
RETURNS TABLE (relation text, kind text, name name, type smallint, function text, has_condition boolean)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT g.relation, 'trigger', g.name, g.type::smallint, g.function, g.has_condition
    FROM (VALUES
        ('config.config_history', 'append_only', 58, 'config.tg_config_history__append_only', false),
        ('config.config_history', 'erasure', 19, 'config.tg_config_history__erasure', false),
        ('config.config_history', 'once', 7, 'config.tg_config_history__once', true),
        ('config.history_chain', 'append_only', 58, 'config.tg_config_history__append_only', false),
        ('config.history_chain', 'erasure', 19, 'config.tg_history_chain__erasure', false),
        ('config.history_erasures', 'append_only', 58, 'core.tg_append_only', false),
        ('config.key_schema', 'service', 21, 'config.tg_key_schema__service', false),
        ('config.service_configs', 'keep_on_delete', 10, 'config.tg_service_configs__keep', false),
        ('config.service_configs', 'keep_on_truncate', 34, 'config.tg_service_configs__keep', false),
        ('config.service_configs', 'record_insert', 5, 'config.tg_service_configs__record', false),
        ('config.service_configs', 'record_update', 17, 'config.tg_service_configs__record', true),
        ('config.service_configs', 'stamp', 23, 'config.tg_service_configs__stamp', false),
        ('config.service_configs', 'wake', 20, 'config.tg_service_configs__wake', false),
        ('core.organization_events', 'append_only', 58, 'core.tg_append_only', false),
        ('finops.quota_changes', 'append_only', 58, 'core.tg_append_only', false),
        ('finops.quota_changes', 'mirror', 5, 'finops.tg_quota_changes__mirror', false)
    ) AS g (relation, name, type, function, has_condition)
    UNION ALL
    SELECT c.relation, 'constraint', c.name, NULL, NULL, NULL
    FROM (VALUES
        ('auth.sessions', 'handle_hash_is_sha256'),
        ('config.config_history', 'reason_is_short'),
        ('config.service_configs', 'key_is_a_name'),
        ('config.service_configs', 'service_is_a_name'),
        ('config.service_configs', 'value_fits'),
        ('config.service_configs', 'value_is_no_secret'),
        ('config.service_configs', 'version_is_positive'),
        ('core.documents', 'file_path_stays_inside'),
        ('core.memberships', 'role_is_known'),
        ('core.organizations', 'platform_is_zero'),
        ('core.organizations', 'slug_makes_a_namespace'),
        ('core.organizations', 'status_is_known'),
        ('core.users', 'email_is_normal'),
        ('finops.quota_changes', 'quantities_are_not_negative')
    ) AS c (relation, name)
$$;

COMMENT ON FUNCTION admin.required_guards() IS
    'For admin.security_audit: the triggers that keep versions and history, and the constraints that hold for every writer; type is pg_trigger.tgtype. Example: SELECT relation, name FROM admin.required_guards();';
REVOKE EXECUTE ON FUNCTION admin.required_guards() FROM PUBLIC;
