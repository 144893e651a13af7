SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.revoke_session(p_org_id bigint, p_session_id bigint, p_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_session_id IS NULL THEN
        RAISE EXCEPTION 'no session is named' USING ERRCODE = '22023', HINT = 'api.revoke_user ends all sessions of a user.';
    END IF;
    RETURN auth.end_sessions(p_org_id, NULL, p_session_id, p_reason) > 0;
END
$$;

COMMENT ON FUNCTION api.revoke_session(bigint, bigint, text) IS
    'Ends a session with its access tokens, at once. False if there is none of that number, or it had ended. 22023: no session, or no reason. AR422: the reason holds what looks like a secret. 55000: not READ COMMITTED. Example: SELECT api.revoke_session(123, 42, ''laptop was stolen'');';
REVOKE EXECUTE ON FUNCTION api.revoke_session(bigint, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.revoke_session(bigint, bigint, text) TO ark_gateway, ark_dba;
