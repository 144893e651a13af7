SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.bill_total(p_from timestamptz, p_to timestamptz)
RETURNS TABLE (currency text, amount numeric, exact numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('admin');
BEGIN
    PERFORM finops.require_range(p_from, p_to);
    RETURN QUERY
        SELECT l.currency, finops.rounded(sum(l.exact), 2), trim_scale(sum(l.exact))
        FROM finops.bill_lines(v_org, p_from, p_to) AS l
        GROUP BY l.currency
        ORDER BY l.currency;
END
$$;

COMMENT ON FUNCTION api.bill_total(timestamptz, timestamptz) IS
    'What the lines of api.bill add up to in each currency, rounded once, half away from zero, to hundredths. exact is additive over adjacent periods; two rounded bills may differ from the rounded bill of both by a hundredth. A row without currency: something has no price yet. 22023: no period, or app.current_org is no number. 55000: no organisation is chosen. 28000: no session (strict). 42501: needs an admin. Example: SELECT currency, amount FROM api.bill_total(''2025-10-01'', ''2025-11-01'');';
REVOKE EXECUTE ON FUNCTION api.bill_total(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.bill_total(timestamptz, timestamptz) TO ark_app, ark_app_strict, ark_app_ro, ark_dba;
