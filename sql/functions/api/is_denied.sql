SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.is_denied(p_jti uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM auth.jti_denylist AS d WHERE d.jti = p_jti);
END
$$;

COMMENT ON FUNCTION api.is_denied(uuid) IS
    'Whether an access token is on the denylist: one index lookup, for whoever holds no copy of it. Example: SELECT api.is_denied(''0b0e3e43-4a0e-4f2e-8a53-6f6f8f3d7d11'');';
REVOKE EXECUTE ON FUNCTION api.is_denied(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.is_denied(uuid) TO ark_gateway, ark_dba;
