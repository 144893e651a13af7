SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.sign_in(p_org_id bigint, p_user_id bigint)
RETURNS TABLE (
    outcome text, org_id bigint, session_id bigint, user_id bigint, email text, role text, permissions text[],
    jti uuid, issued_at timestamptz, expires_at timestamptz,
    refresh_token text, refresh_expires_at timestamptz, handle text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_family bytea := auth.random_secret();
    v_secret bytea := auth.random_secret();
BEGIN
    -- FOR SHARE: who suspends the organisation or changes the role waits, and then denies this token, too.
    PERFORM FROM core.organizations AS o WHERE o.id = p_org_id AND o.status IN ('PENDING', 'COMMITTED') FOR SHARE;
    IF FOUND THEN
        SELECT u.email, m.role INTO email, role
        FROM core.memberships AS m
        JOIN core.users AS u ON u.id = m.user_id
        WHERE m.org_id = p_org_id AND m.user_id = p_user_id
        FOR SHARE OF m;
    END IF;
    IF role IS NULL THEN
        RAISE EXCEPTION 'user % is no member of organisation %', p_user_id, p_org_id
            USING ERRCODE = '42501', HINT = 'SELECT api.invite_member(…), in that organisation.';
    END IF;
    org_id := p_org_id;
    user_id := p_user_id;
    outcome := 'signed in';
    refresh_token := format('arkr1.%s.1.%s.%s', p_org_id, encode(v_family, 'hex'), encode(v_secret, 'hex'));
    handle := auth.handle(refresh_token);
    INSERT INTO auth.sessions AS s (org_id, user_id, handle_hash, expires_at, refresh_counter, refresh_hash, refreshed_at, access_until)
    VALUES (p_org_id, p_user_id, sha256(convert_to(handle, 'UTF8')), clock_timestamp() + (auth.lifetimes()).refresh,
            1, sha256(v_secret), clock_timestamp(), clock_timestamp())
    RETURNING s.session_id, s.expires_at INTO session_id, refresh_expires_at;
    SELECT t.jti, t.issued_at, t.expires_at INTO jti, issued_at, expires_at
    FROM auth.issue_access_token(p_org_id, session_id, refresh_expires_at) AS t;
    UPDATE auth.sessions AS s SET access_until = sign_in.expires_at
    WHERE s.org_id = p_org_id AND s.session_id = sign_in.session_id;
    permissions := auth.permissions(role);
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION api.sign_in(bigint, bigint) IS
    'Opens a session with tokens for a member and returns what an access token (JWT) is signed from, its first refresh token, and its handle for strict mode; all are shown this once, and only hashes are stored. For whoever has verified who the user is. expires_at: of the access token, one hour from now; refresh_expires_at: 90 days from now. 42501: no member, or the organisation is suspended or gone. Example: SELECT jti, role, expires_at, refresh_token FROM api.sign_in(123, 7);';
REVOKE EXECUTE ON FUNCTION api.sign_in(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.sign_in(bigint, bigint) TO ark_gateway, ark_dba;
