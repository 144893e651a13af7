SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.efficiency(p_from timestamptz, p_to timestamptz)
RETURNS TABLE (
    resource text, unit text, quota numeric, used numeric, peak numeric, utilisation numeric, covered numeric,
    quota_hours numeric, idle_hours numeric, idle_cost numeric, currency text, advice text, proposed numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('admin');
BEGIN
    PERFORM finops.require_range(p_from, p_to);
    RETURN QUERY
        SELECT e.resource, e.unit, e.quota, e.used, e.peak, e.utilisation, e.covered,
               e.quota_hours, e.idle_hours, e.idle_cost, e.currency, e.advice, e.proposed
        FROM finops.efficiency_rows(v_org, p_from, p_to) AS e
        ORDER BY e.resource;
END
$$;

COMMENT ON FUNCTION api.efficiency(timestamptz, timestamptz) IS
    'The quota of the current organisation against what it used, from p_from (inclusive) to p_to (exclusive): quota at the end, used on average, peak (the highest sample), utilisation (used of the quota), covered (share of the billed time for which there are samples; the other figures but quota_hours are of that time), idle_hours and what they cost, and an advice of finops.advice_rules: shrink, grow, keep, no data; proposed: the quota that the peak and its headroom need. idle_cost is NULL where a price is missing or there is more than one currency. 22023: no period, or app.current_org is no number. 55000: no organisation is chosen. 28000: no session (strict). 42501: needs an admin. Example: SELECT resource, utilisation, idle_cost, advice, proposed FROM api.efficiency(now() - interval ''30 days'', now());';
REVOKE EXECUTE ON FUNCTION api.efficiency(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.efficiency(timestamptz, timestamptz) TO ark_app, ark_app_strict, ark_app_ro, ark_dba;
