SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.revoke_token(p_org_id bigint, p_jti uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_jti IS NULL THEN
        RAISE EXCEPTION 'no token is named' USING ERRCODE = '22023', HINT = 'Give the claim jti.';
    END IF;
    PERFORM auth.require_read_committed();
    RETURN auth.deny_tokens(p_org_id, p_jti => p_jti) > 0;
END
$$;

COMMENT ON FUNCTION api.revoke_token(bigint, uuid) IS
    'Puts one access token on the denylist until it expires; its session goes on. False if it was issued by nobody here, has expired, or is on the list. 22023: no jti. 55000: not READ COMMITTED. Example: SELECT api.revoke_token(123, ''0b0e3e43-4a0e-4f2e-8a53-6f6f8f3d7d11'');';
REVOKE EXECUTE ON FUNCTION api.revoke_token(bigint, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.revoke_token(bigint, uuid) TO ark_gateway, ark_dba;
