SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.revoke_organization(p_org_id bigint, p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN auth.end_sessions(p_org_id, NULL, NULL, p_reason);
END
$$;

COMMENT ON FUNCTION api.revoke_organization(bigint, text) IS
    'Ends every session of an organisation with its access tokens, at once; returns how many. Its members may sign in again: admin.suspend_organization keeps them out. 22023: no reason. AR422: the reason holds what looks like a secret. 55000: not READ COMMITTED. Example: SELECT api.revoke_organization(123, ''identity provider was changed'');';
REVOKE EXECUTE ON FUNCTION api.revoke_organization(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.revoke_organization(bigint, text) TO ark_gateway, ark_dba;
