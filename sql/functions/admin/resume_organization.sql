SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.resume_organization(p_slug text, p_reason text) RETURNS core.organizations
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT core.change_status(p_slug, ARRAY['SUSPENDED'], 'COMMITTED', 'resume', p_reason)
$$;

COMMENT ON FUNCTION admin.resume_organization(text, text) IS
    'Takes a suspension back. P0002: none of that slug. 55000: it is in another state. 22023: no reason. AR422: the reason holds what looks like a secret. Example: SELECT status FROM admin.resume_organization(''acme'', ''paid'');';
REVOKE EXECUTE ON FUNCTION admin.resume_organization(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.resume_organization(text, text) TO ark_dba;
