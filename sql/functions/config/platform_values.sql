SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION config.platform_values()
RETURNS TABLE (service text, key text, value text, version bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.service, c.key, c.value, c.version FROM config.service_configs AS c WHERE c.org_id = 0
$$;

COMMENT ON FUNCTION config.platform_values() IS
    'The values of the platform, which hold where an organisation has set none.';
REVOKE EXECUTE ON FUNCTION config.platform_values() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.platform_values() TO ark_owner, ark_app, ark_app_strict, ark_app_ro, ark_dba;
