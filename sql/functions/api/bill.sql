SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.bill(p_from timestamptz, p_to timestamptz)
RETURNS TABLE (
    resource text, status text, starts_at timestamptz, ends_at timestamptz, quantity numeric, unit text,
    unit_hours numeric, price numeric, currency text, amount numeric, note text, exact numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('admin');
BEGIN
    PERFORM finops.require_range(p_from, p_to);
    RETURN QUERY
        SELECT l.resource, l.status, lower(l.during), upper(l.during), l.quantity, l.unit,
               finops.rounded(l.quantity * l.seconds, 6), l.price, l.currency, finops.rounded(l.exact, 6), l.note, l.exact
        FROM finops.bill_lines(v_org, p_from, p_to) AS l
        ORDER BY l.resource = 'adjustment', l.resource, l.during;
END
$$;

COMMENT ON FUNCTION api.bill(timestamptz, timestamptz) IS
    'What the current organisation is billed from p_from (inclusive) to p_to (exclusive), up to now: a line for each resource and time with one status, quota and price, and the adjustments. Exact to the microsecond, across daylight saving: hours are those that passed. unit_hours and amount are rounded to six decimals for reading; sums are made of exact (unit-seconds times price), as api.bill_total does. price is NULL where none is set. 22023: no period, or app.current_org is no number. 55000: no organisation is chosen. 28000: no session (strict). 42501: needs an admin. Example: SELECT * FROM api.bill(''2025-10-01'', ''2025-11-01'');';
REVOKE EXECUTE ON FUNCTION api.bill(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.bill(timestamptz, timestamptz) TO ark_app, ark_app_strict, ark_app_ro, ark_dba;
