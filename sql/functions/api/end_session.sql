SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.end_session(p_handle text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_handle text := auth.handle(p_handle);
BEGIN
    UPDATE auth.sessions AS s
    SET ended_at = clock_timestamp(), end_reason = 'signed out'
    WHERE s.org_id = split_part(v_handle, '.', 2)::bigint
      AND s.handle_hash = sha256(convert_to(v_handle, 'UTF8'))
      AND s.ended_at IS NULL;
    RETURN FOUND;
END
$$;

COMMENT ON FUNCTION api.end_session(text) IS
    'Ends the session of a handle, or of a refresh token of whatever generation (RFC 7009), and denies its access tokens: from the next statement on it is worth nothing, also in transactions that have begun. False if there is no such session, or it had ended. Example: SELECT api.end_session($1);';
REVOKE EXECUTE ON FUNCTION api.end_session(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.end_session(text) TO ark_app, ark_app_strict, ark_gateway, ark_dba;
