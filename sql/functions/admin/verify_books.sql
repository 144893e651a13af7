SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.verify_books()
RETURNS TABLE (org_id bigint, starts_at timestamptz, ends_at timestamptz, currency text, invoiced numeric, computed numeric)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT b.org_id, p.starts_at, p.ends_at, b.currency, b.invoiced, b.computed
    FROM finops.periods AS p
    CROSS JOIN LATERAL (
        SELECT a.org_id, a.currency, sum(a.exact) FILTER (WHERE a.is_invoice) AS invoiced,
               trim_scale(sum(a.exact) FILTER (WHERE NOT a.is_invoice)) AS computed
        FROM (
            SELECT i.org_id, i.currency, i.exact, true AS is_invoice FROM finops.invoices AS i WHERE i.period_id = p.period_id
            UNION ALL
            SELECT l.org_id, l.currency, l.exact, false FROM finops.bill_lines(NULL, p.starts_at, p.ends_at) AS l) AS a
        GROUP BY a.org_id, a.currency) AS b
    WHERE b.invoiced IS DISTINCT FROM b.computed
    ORDER BY 2, 1
$$;

COMMENT ON FUNCTION admin.verify_books() IS
    'Computes the bill of every closed period anew, and shows what is not as it was invoiced (exact, in 1/3600). No rows: as it should be. 22023: a quantity that is none, from before they were checked. Example: SELECT * FROM admin.verify_books();';
REVOKE EXECUTE ON FUNCTION admin.verify_books() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.verify_books() TO ark_dba, ark_auditor;
