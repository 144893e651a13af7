SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.deny_tokens(
    p_org_id bigint, p_session_id bigint DEFAULT NULL, p_user_id bigint DEFAULT NULL, p_jti uuid DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_count bigint;
BEGIN
    -- In one order, so that two who deny the same tokens do not wait for each other.
    INSERT INTO auth.jti_denylist (jti, expires_at)
    SELECT t.jti, t.expires_at
    FROM auth.access_tokens AS t
    JOIN auth.sessions AS s ON s.org_id = t.org_id AND s.session_id = t.session_id
    WHERE t.org_id = p_org_id AND t.expires_at > clock_timestamp()
      AND (p_session_id IS NULL OR t.session_id = p_session_id)
      AND (p_user_id IS NULL OR s.user_id = p_user_id)
      AND (p_jti IS NULL OR t.jti = p_jti)
    ORDER BY t.jti
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    -- PostgreSQL refuses to PREPARE a transaction that has notified.
    IF v_count > 0 AND current_setting('app.wake_up', true) IS DISTINCT FROM 'off' THEN
        NOTIFY jti_denylist;
    END IF;
    RETURN v_count;
END
$$;

COMMENT ON FUNCTION auth.deny_tokens(bigint, bigint, bigint, uuid) IS
    'Puts access tokens that have not expired on the denylist: an organisation''s, of one session, of one user, or one; NOTIFY jti_denylist. Returns how many were not on it.';
REVOKE EXECUTE ON FUNCTION auth.deny_tokens(bigint, bigint, bigint, uuid) FROM PUBLIC;
