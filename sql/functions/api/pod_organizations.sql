SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION api.pod_organizations(p_service text) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.org_id FROM config.subscriptions AS s
    WHERE s.login = session_user AND s.service = p_service
    ORDER BY s.org_id
$$;

COMMENT ON FUNCTION api.pod_organizations(text) IS
    'The organisations whose configuration of a service the calling login may load: NULL stands for all of them, no row for none. An agent beside a tenant''s workload refuses a login that may load more than its own. Example: SELECT * FROM api.pod_organizations(''ai'');';
REVOKE EXECUTE ON FUNCTION api.pod_organizations(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.pod_organizations(text) TO ark_pod;
