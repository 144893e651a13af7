SET LOCAL ROLE ark_owner;

-- The tables are found in the catalog, so none is forgotten; what is to become of each is said here. One
-- that is not listed stops every export, and Tests/SQL/export.sql says so before that.
CREATE OR REPLACE FUNCTION admin.tenant_tables()
RETURNS TABLE (relation oid, name text, treatment text, why text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT r.relation, r.name, l.treatment, l.why
    FROM admin.audited_relations() AS r
    LEFT JOIN (VALUES
        ('core.organizations', 'content', 'name and owner''s address'),
        ('core.users', 'content', 'those who are members, known by their address'),
        ('core.memberships', 'content', 'known by the member''s address'),
        ('core.projects', 'content', NULL),
        ('core.notes', 'content', NULL),
        ('core.documents', 'content', NULL),
        ('config.service_configs', 'content', 'values; versions are the live database''s to give'),
        ('config.config_history', 'record', 'an import appends to it'),
        ('config.history_chain', 'record', 'proves the history of the database that it was made in'),
        ('config.history_erasures', 'record', 'what was erased'),
        ('config.history_heads', 'record', 'ends of the chain'),
        ('core.organization_events', 'record', 'who did what; an import appends to it'),
        ('finops.quota_changes', 'record', 'what is billed; a new organisation books the quota that it had'),
        ('finops.invoices', 'record', 'what was billed'),
        ('finops.adjustments', 'record', 'what was billed'),
        ('finops.usage_samples', 'record', 'what was used'),
        ('finops.quota_usage', 'left', 'an observation of the cluster; the next one is as good'),
        ('auth.sessions', 'left', 'credentials; whoever is a member signs in again'),
        ('auth.access_tokens', 'left', 'names of tokens that live for an hour'),
        ('config.pods', 'left', 'reports of platform services'),
        ('config.subscriptions', 'left', 'which logins of the platform read which configuration'),
        ('provisioning.drift', 'left', 'an observation of the cluster'),
        ('provisioning.jobs', 'left', 'work of the platform'),
        ('provisioning.lanes', 'left', 'work of the platform'),
        ('provisioning.steps', 'left', 'work of the platform')
    ) AS l (name, treatment, why) ON l.name = r.name
    WHERE r.is_tenants AND NOT r.is_partition
      -- Exports themselves.
      AND r.name !~ '^org_[a-z0-9_]+\.'
$$;

COMMENT ON FUNCTION admin.tenant_tables() IS
    'The tables whose rows belong to organisations, and what becomes of them. content: exported, imported, compared, deleted; record: exported, and only ever appended to; left: not exported. treatment is NULL for a table that nobody has decided about. Example: SELECT name, treatment, why FROM admin.tenant_tables();';
REVOKE EXECUTE ON FUNCTION admin.tenant_tables() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.tenant_tables() TO ark_system, ark_dba, ark_auditor;
