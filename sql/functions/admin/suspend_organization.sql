SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.suspend_organization(p_slug text, p_reason text) RETURNS core.organizations
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT core.change_status(p_slug, ARRAY['COMMITTED'], 'SUSPENDED', 'suspend', p_reason)
$$;

COMMENT ON FUNCTION admin.suspend_organization(text, text) IS
    'Suspends an organisation: its sessions end at once, its namespace is closed. Its data stays. P0002: none of that slug. 55000: it is in another state, or not READ COMMITTED. 22023: no reason. AR422: the reason holds what looks like a secret. Example: SELECT status FROM admin.suspend_organization(''acme'', ''unpaid'');';
REVOKE EXECUTE ON FUNCTION admin.suspend_organization(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.suspend_organization(text, text) TO ark_dba;
