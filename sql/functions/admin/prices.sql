SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.prices()
RETURNS TABLE (resource text, unit text, since timestamptz, until timestamptz, price numeric, currency text, actor text, reason text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.resource, r.unit, lower(p.valid), upper(p.valid), p.price, p.currency, p.actor, p.reason
    FROM finops.prices AS p
    JOIN finops.resources AS r ON r.resource = p.resource
    ORDER BY p.resource, p.valid
$$;

COMMENT ON FUNCTION admin.prices() IS
    'What an hour of each resource''s unit costs, and when. Example: SELECT * FROM admin.prices();';
REVOKE EXECUTE ON FUNCTION admin.prices() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.prices() TO ark_dba, ark_auditor;
