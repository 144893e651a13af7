SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.revoke_user(p_org_id bigint, p_user_id bigint, p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_user_id IS NULL THEN
        RAISE EXCEPTION 'no user is named' USING ERRCODE = '22023', HINT = 'api.revoke_organization ends all sessions of an organisation.';
    END IF;
    RETURN auth.end_sessions(p_org_id, p_user_id, NULL, p_reason);
END
$$;

COMMENT ON FUNCTION api.revoke_user(bigint, bigint, text) IS
    'Ends the sessions of a user in an organisation with their access tokens, at once; returns how many. The user may sign in again: api.remove_member ends the membership as well, admin.revoke_user the sessions in every organisation. 22023: no user, or no reason. AR422: the reason holds what looks like a secret. 55000: not READ COMMITTED. Example: SELECT api.revoke_user(123, 7, ''password was changed'');';
REVOKE EXECUTE ON FUNCTION api.revoke_user(bigint, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.revoke_user(bigint, bigint, text) TO ark_gateway, ark_dba;
