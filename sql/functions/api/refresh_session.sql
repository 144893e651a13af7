SET LOCAL ROLE ark_system;

-- Never raises for a token: an error would roll the end of the session back with it.
CREATE OR REPLACE FUNCTION api.refresh_session(p_refresh_token text)
RETURNS TABLE (
    outcome text, org_id bigint, session_id bigint, user_id bigint, email text, role text, permissions text[],
    jti uuid, issued_at timestamptz, expires_at timestamptz,
    refresh_token text, refresh_expires_at timestamptz, handle text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_handle  text := auth.handle(p_refresh_token);
    v_parts   text[] := string_to_array(p_refresh_token, '.');
    v_limits  record := auth.lifetimes();
    v_session auth.sessions;
    v_status  text;
    v_counter bigint;
    v_secret  bytea;
    v_now     timestamptz;
BEGIN
    outcome := 'unknown';
    IF v_handle IS NULL OR v_parts[1] <> 'arkr1' THEN
        RETURN NEXT;
        RETURN;
    END IF;
    v_counter := v_parts[3]::bigint;
    v_secret := decode(v_parts[5], 'hex');
    -- The family is in every token of the session: who does not have one ends nothing.
    SELECT * INTO v_session FROM auth.sessions AS s
    WHERE s.org_id = v_parts[2]::bigint AND s.handle_hash = sha256(convert_to(v_handle, 'UTF8'));
    IF NOT FOUND THEN
        RETURN NEXT;
        RETURN;
    END IF;
    -- In the order of everybody who changes these: organisation, membership, session. Who suspends,
    -- removes or changes the role waits for us, and then denies what we issue.
    SELECT o.status INTO v_status FROM core.organizations AS o WHERE o.id = v_session.org_id FOR SHARE;
    SELECT u.email, m.role INTO email, role
    FROM core.memberships AS m
    JOIN core.users AS u ON u.id = m.user_id
    WHERE m.org_id = v_session.org_id AND m.user_id = v_session.user_id
    FOR SHARE OF m;
    -- Again: of two who refresh at once, the second finds what the first has made of it.
    SELECT * INTO v_session FROM auth.sessions AS s
    WHERE s.org_id = v_session.org_id AND s.session_id = v_session.session_id
    FOR UPDATE;
    IF NOT FOUND OR v_session.refresh_counter IS NULL THEN
        email := NULL;
        role := NULL;
        RETURN NEXT;
        RETURN;
    END IF;
    v_now := clock_timestamp();
    org_id := v_session.org_id;
    session_id := v_session.session_id;
    user_id := v_session.user_id;

    IF v_session.ended_at IS NOT NULL OR v_session.expires_at <= v_now THEN
        outcome := 'ended';
    ELSIF v_counter = v_session.refresh_counter AND sha256(v_secret) = v_session.refresh_hash THEN
        outcome := 'refreshed';
    ELSIF v_counter = v_session.refresh_counter - 1 AND sha256(v_secret) = v_session.previous_hash
        AND v_now <= v_session.refreshed_at + v_limits.grace THEN
        outcome := 'repeated';
    ELSE
        -- Two have tokens of this session: nobody can tell which of them is the user.
        outcome := 'reused';
        UPDATE auth.sessions AS s
        SET ended_at = v_now, end_reason = format('refresh token %s was used when %s was the current one', v_counter, v_session.refresh_counter)
        WHERE s.org_id = v_session.org_id AND s.session_id = v_session.session_id;
        INSERT INTO core.organization_events (org_id, what, detail, actor, login, reason)
        VALUES (v_session.org_id, 'member', jsonb_build_object('user_id', v_session.user_id, 'sessions_ended', 1, 'refresh_token_reused', true),
                core.actor(), session_user, 'a refresh token was used a second time');
    END IF;
    IF outcome IN ('refreshed', 'repeated') AND v_status NOT IN ('PENDING', 'COMMITTED') THEN
        outcome := 'suspended';
    END IF;
    IF outcome NOT IN ('refreshed', 'repeated') THEN
        RETURN NEXT;
        RETURN;
    END IF;

    IF outcome = 'refreshed' THEN
        v_session.previous_hash := v_session.refresh_hash;
        v_session.refresh_salt := auth.random_secret();
        v_session.refresh_counter := v_session.refresh_counter + 1;
        v_session.refreshed_at := v_now;
        v_session.expires_at := v_now + v_limits.refresh;
    END IF;
    -- From the secret that was shown: who asks again gets the same, and nobody else can have it.
    v_secret := sha256(v_session.refresh_salt || v_secret);
    SELECT t.jti, t.issued_at, t.expires_at INTO jti, issued_at, expires_at
    FROM auth.issue_access_token(v_session.org_id, v_session.session_id, v_session.expires_at) AS t;
    UPDATE auth.sessions AS s
    SET refresh_counter = v_session.refresh_counter, refresh_hash = sha256(v_secret), previous_hash = v_session.previous_hash,
        refresh_salt = v_session.refresh_salt, refreshed_at = v_session.refreshed_at, expires_at = v_session.expires_at,
        access_until = greatest(s.access_until, refresh_session.expires_at)
    WHERE s.org_id = v_session.org_id AND s.session_id = v_session.session_id;
    permissions := auth.permissions(role);
    refresh_token := format('arkr1.%s.%s.%s.%s', v_session.org_id, v_session.refresh_counter, v_parts[4], encode(v_secret, 'hex'));
    refresh_expires_at := v_session.expires_at;
    handle := v_handle;
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION api.refresh_session(text) IS
    'Rotates a refresh token: returns the next one, what a new access token is signed from, and the handle. Raises no error for a token, as that would undo the end of the session: read outcome. refreshed; repeated: the previous token within 30 seconds of its use, which gets the same refresh token again, so that a lost answer logs nobody out; reused: any other used token, the session has ended at this moment with all its access tokens; ended: it had ended or expired; suspended: the organisation is, try again later; unknown: no such token. Call it in a transaction of its own, and commit whatever the outcome. Example: SELECT outcome, jti, role, expires_at, refresh_token FROM api.refresh_session($1);';
REVOKE EXECUTE ON FUNCTION api.refresh_session(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.refresh_session(text) TO ark_gateway, ark_dba;
