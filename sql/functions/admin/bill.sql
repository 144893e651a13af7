SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.bill(p_from timestamptz, p_to timestamptz)
RETURNS TABLE (
    org_id bigint, slug text, resource text, status text, starts_at timestamptz, ends_at timestamptz, quantity numeric,
    unit text, unit_hours numeric, price numeric, currency text, amount numeric, note text, exact numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM finops.require_range(p_from, p_to);
    RETURN QUERY
        SELECT l.org_id, o.slug, l.resource, l.status, lower(l.during), upper(l.during), l.quantity,
               l.unit, finops.rounded(l.quantity * l.seconds, 6), l.price, l.currency, finops.rounded(l.exact, 6), l.note, l.exact
        FROM finops.bill_lines(NULL, p_from, p_to) AS l
        JOIN core.organizations AS o ON o.id = l.org_id
        ORDER BY l.org_id, l.resource = 'adjustment', l.resource, l.during;
END
$$;

COMMENT ON FUNCTION admin.bill(timestamptz, timestamptz) IS
    'What every organisation is billed from p_from (inclusive) to p_to (exclusive), up to now, deleted ones included; the lines of api.bill. 22023: no period. Example: SELECT slug, resource, unit_hours, amount FROM admin.bill(''2025-10-01'', ''2025-11-01'');';
REVOKE EXECUTE ON FUNCTION admin.bill(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.bill(timestamptz, timestamptz) TO ark_dba, ark_auditor;
