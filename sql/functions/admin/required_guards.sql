SET LOCAL ROLE ark_owner;

-- By hand, since the catalog cannot tell what is missing from it. A test holds it to the catalog.
CREATE OR REPLACE FUNCTION admin.required_guards()
RETURNS TABLE (relation text, kind text, name name, type smallint, function text, condition text)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT g.relation, 'trigger', g.name, g.type::smallint, g.function, g.condition
    FROM (VALUES
        ('auth.sessions', 'deny_on_delete', 11, 'auth.tg_sessions__deny', NULL),
        ('auth.sessions', 'deny_on_end', 17, 'auth.tg_sessions__deny', '((old.ended_at IS NULL) AND (new.ended_at IS NOT NULL))'),
        ('config.config_history', 'append_only', 58, 'config.tg_config_history__append_only', NULL),
        ('config.config_history', 'erasure', 19, 'config.tg_config_history__erasure', NULL),
        ('config.config_history', 'once', 7, 'config.tg_config_history__once', '(pg_trigger_depth() = 0)'),
        ('config.history_chain', 'append_only', 58, 'config.tg_config_history__append_only', NULL),
        ('config.history_chain', 'erasure', 19, 'config.tg_history_chain__erasure', NULL),
        ('config.history_erasures', 'append_only', 58, 'core.tg_append_only', NULL),
        ('config.key_schema', 'service', 21, 'config.tg_key_schema__service', NULL),
        ('config.service_configs', 'forget_evaluations', 17, 'config.tg_service_configs__forget_evaluations', '((new.org_id = 0) AND (new.service = ''features''::text) AND ((old.value IS NULL) <> (new.value IS NULL)))'),
        ('config.service_configs', 'keep_on_delete', 10, 'config.tg_service_configs__keep', NULL),
        ('config.service_configs', 'keep_on_truncate', 34, 'config.tg_service_configs__keep', NULL),
        ('config.service_configs', 'record_insert', 5, 'config.tg_service_configs__record', NULL),
        ('config.service_configs', 'record_update', 17, 'config.tg_service_configs__record', '(old.version <> new.version)'),
        ('config.service_configs', 'stamp', 23, 'config.tg_service_configs__stamp', NULL),
        ('config.service_configs', 'wake', 20, 'config.tg_service_configs__wake', NULL),
        ('core.memberships', 'deny', 17, 'auth.tg_memberships__deny', '(old.role <> new.role)'),
        ('core.organization_events', 'append_only', 58, 'core.tg_append_only', NULL),
        ('core.organizations', 'deny', 17, 'auth.tg_organizations__deny', '((old.status = ANY (ARRAY[''PENDING''::text, ''COMMITTED''::text])) AND (new.status <> ALL (ARRAY[''PENDING''::text, ''COMMITTED''::text])))'),
        ('core.organization_events', 'closed_books', 7, 'finops.tg_closed_books', '(new.what = ''status''::text)'),
        ('core.organizations', 'closed_books', 19, 'finops.tg_closed_books', '(old.committed_at IS DISTINCT FROM new.committed_at)'),
        ('finops.adjustments', 'append_only', 58, 'core.tg_append_only', NULL),
        ('finops.adjustments', 'closed_books', 7, 'finops.tg_closed_books', NULL),
        ('finops.books', 'forwards', 27, 'finops.tg_books__forwards', NULL),
        ('finops.books', 'forwards_truncate', 34, 'finops.tg_books__forwards', NULL),
        ('finops.invoices', 'append_only', 58, 'core.tg_append_only', NULL),
        ('finops.periods', 'append_only', 58, 'core.tg_append_only', NULL),
        ('finops.prices', 'closed_books', 31, 'finops.tg_prices__closed_books', NULL),
        ('finops.prices', 'open_books', 34, 'finops.tg_open_books', NULL),
        ('finops.resources', 'open_books', 62, 'finops.tg_open_books', NULL),
        ('finops.quota_changes', 'append_only', 58, 'core.tg_append_only', NULL),
        ('finops.quota_changes', 'closed_books', 7, 'finops.tg_closed_books', NULL),
        ('finops.quota_changes', 'mirror', 5, 'finops.tg_quota_changes__mirror', NULL),
        ('provisioning.blueprint', 'compile', 60, 'provisioning.tg_compile', NULL),
        ('provisioning.kinds', 'compile', 60, 'provisioning.tg_compile', NULL)
    ) AS g (relation, name, type, function, condition)
    UNION ALL
    SELECT c.relation, 'constraint', c.name, NULL, NULL, c.condition
    FROM (VALUES
        ('auth.sessions', 'handle_hash_is_sha256', '(length(handle_hash) = 32)'),
        ('config.config_history', 'reason_is_short', '((length(reason) <= 1000) AND (length(changed_by) <= 254))'),
        ('config.service_configs', 'key_is_a_name', '(key ~ ''^[a-z0-9][a-z0-9_.-]{0,126}$''::text)'),
        ('config.service_configs', 'service_is_a_name', '(service ~ ''^[a-z][a-z0-9_-]{0,62}$''::text)'),
        ('config.service_configs', 'value_fits', '(octet_length(value) <= 65536)'),
        ('config.service_configs', 'value_is_no_secret', '((NOT config.looks_like_secret(key, value)) OR ((service = ''features''::text) AND (NOT config.flag_looks_like_secret(key, value))))'),
        ('config.service_configs', 'version_is_positive', '(version > 0)'),
        ('core.documents', 'file_path_stays_inside', '(((length(file_path) >= 1) AND (length(file_path) <= 1024)) AND (file_path !~ ''[[:cntrl:]\\]''::text) AND (file_path !~ ''(^|/)\.{0,2}(/|$)''::text))'),
        ('core.memberships', 'role_is_known', '(role = ANY (ARRAY[''owner''::text, ''admin''::text, ''member''::text, ''viewer''::text]))'),
        ('core.organizations', 'platform_is_zero', '((id = 0) = (status = ''PLATFORM''::text))'),
        ('core.organizations', 'slug_makes_a_namespace', '(slug ~ ''^[a-z0-9]([a-z0-9-]{0,57}[a-z0-9])?$''::text)'),
        ('core.organizations', 'status_is_known', '(status = ANY (ARRAY[''PENDING''::text, ''COMMITTED''::text, ''SUSPENDED''::text, ''DELETING''::text, ''DELETED''::text, ''FAILED''::text, ''PLATFORM''::text]))'),
        ('core.users', 'email_is_normal', '(email = lower(NORMALIZE(email, NFKC)))'),
        ('finops.quota_changes', 'quantities_are_not_negative', '((finops.quantity(cpu) >= (0)::numeric) AND (finops.quantity(memory) >= (0)::numeric) AND (finops.quantity(storage) >= (0)::numeric))')
    ) AS c (relation, name, condition)
$$;

COMMENT ON FUNCTION admin.required_guards() IS
    'For admin.security_audit: the triggers that keep versions and history, and the constraints that hold for every writer; type is pg_trigger.tgtype; condition is the WHEN or the CHECK, as PostgreSQL prints it. Example: SELECT relation, name FROM admin.required_guards();';
REVOKE EXECUTE ON FUNCTION admin.required_guards() FROM PUBLIC;
