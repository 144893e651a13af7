SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.efficiency(p_from timestamptz, p_to timestamptz)
RETURNS TABLE (
    org_id bigint, slug text, resource text, unit text, quota numeric, used numeric, peak numeric, utilisation numeric,
    covered numeric, quota_hours numeric, idle_hours numeric, idle_cost numeric, currency text, advice text, proposed numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM finops.require_range(p_from, p_to);
    RETURN QUERY
        SELECT e.org_id, o.slug, e.resource, e.unit, e.quota, e.used, e.peak, e.utilisation,
               e.covered, e.quota_hours, e.idle_hours, e.idle_cost, e.currency, e.advice, e.proposed
        FROM finops.efficiency_rows(NULL, p_from, p_to) AS e
        JOIN core.organizations AS o ON o.id = e.org_id
        -- Where most money lies idle, first.
        ORDER BY e.idle_cost DESC NULLS LAST, e.org_id, e.resource;
END
$$;

COMMENT ON FUNCTION admin.efficiency(timestamptz, timestamptz) IS
    'The quotas of all organisations against what they used, as api.efficiency explains; where most money lies idle first. 22023: no period. Example: SELECT slug, resource, quota, proposed, idle_cost FROM admin.efficiency(now() - interval ''30 days'', now()) WHERE advice = ''shrink'';';
REVOKE EXECUTE ON FUNCTION admin.efficiency(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.efficiency(timestamptz, timestamptz) TO ark_dba, ark_auditor, ark_monitor;
