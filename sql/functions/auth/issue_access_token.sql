SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.issue_access_token(
    p_org_id bigint, p_session_id bigint, p_until timestamptz,
    OUT jti uuid, OUT issued_at timestamptz, OUT expires_at timestamptz)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Whole seconds, as the claims iat and exp are.
    v_now timestamptz := date_trunc('second', clock_timestamp());
BEGIN
    INSERT INTO auth.access_tokens AS t (org_id, jti, session_id, issued_at, expires_at)
    VALUES (p_org_id, gen_random_uuid(), p_session_id, v_now, date_trunc('second', least(v_now + (auth.lifetimes()).access, p_until)))
    RETURNING t.jti, t.issued_at, t.expires_at INTO jti, issued_at, expires_at;
END
$$;

COMMENT ON FUNCTION auth.issue_access_token(bigint, bigint, timestamptz) IS
    'Records an access token of a session: its claims jti, iat and exp, which is p_until at the latest.';
REVOKE EXECUTE ON FUNCTION auth.issue_access_token(bigint, bigint, timestamptz) FROM PUBLIC;
