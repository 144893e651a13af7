SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.bill_total(p_from timestamptz, p_to timestamptz)
RETURNS TABLE (org_id bigint, slug text, currency text, amount numeric, exact numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM finops.require_range(p_from, p_to);
    RETURN QUERY
        SELECT l.org_id, o.slug, l.currency, finops.rounded(sum(l.exact), 2), trim_scale(sum(l.exact))
        FROM finops.bill_lines(NULL, p_from, p_to) AS l
        JOIN core.organizations AS o ON o.id = l.org_id
        GROUP BY l.org_id, o.slug, l.currency
        ORDER BY l.org_id, l.currency;
END
$$;

COMMENT ON FUNCTION admin.bill_total(timestamptz, timestamptz) IS
    'What the lines of admin.bill add up to for each organisation and currency, rounded once, half away from zero, to hundredths. A row without currency: something has no price yet. 22023: no period. Example: SELECT slug, amount, currency FROM admin.bill_total(''2025-10-01'', ''2025-11-01'');';
REVOKE EXECUTE ON FUNCTION admin.bill_total(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.bill_total(timestamptz, timestamptz) TO ark_dba, ark_auditor;
