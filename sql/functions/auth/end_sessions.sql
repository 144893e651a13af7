SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.end_sessions(
    p_org_id bigint, p_user_id bigint, p_session_id bigint, p_reason text) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_count bigint := 0;
    v_user  record;
BEGIN
    PERFORM core.require_reason(p_reason);
    PERFORM auth.require_read_committed();
    -- First, as everybody else does who changes both: the record of it needs the organisation's row.
    PERFORM FROM core.organizations AS o WHERE o.id = p_org_id FOR KEY SHARE;
    -- Waits for a refresh that is under way: the token that it issues is denied, too. In one order, so
    -- that two who end the same sessions do not wait for each other.
    PERFORM FROM auth.sessions AS s
    WHERE s.org_id = p_org_id AND s.ended_at IS NULL
      AND (p_user_id IS NULL OR s.user_id = p_user_id) AND (p_session_id IS NULL OR s.session_id = p_session_id)
    ORDER BY s.session_id
    FOR UPDATE;
    FOR v_user IN
        WITH ended AS (
            UPDATE auth.sessions AS s SET ended_at = clock_timestamp(), end_reason = p_reason
            WHERE s.org_id = p_org_id AND s.ended_at IS NULL
              AND (p_user_id IS NULL OR s.user_id = p_user_id) AND (p_session_id IS NULL OR s.session_id = p_session_id)
            RETURNING s.user_id
        )
        SELECT e.user_id, count(*) AS sessions FROM ended AS e GROUP BY e.user_id ORDER BY e.user_id
    LOOP
        PERFORM core.record_event(p_org_id, 'member',
            jsonb_build_object('user_id', v_user.user_id, 'sessions_ended', v_user.sessions), p_reason);
        v_count := v_count + v_user.sessions;
    END LOOP;
    RETURN v_count;
END
$$;

COMMENT ON FUNCTION auth.end_sessions(bigint, bigint, bigint, text) IS
    'Ends the sessions of an organisation, of a user in it, or one of them (NULL: whichever), with their access tokens, and records it. Returns how many were not ended yet. 22023: no reason. AR422: the reason holds what looks like a secret. 55000: not READ COMMITTED.';
REVOKE EXECUTE ON FUNCTION auth.end_sessions(bigint, bigint, bigint, text) FROM PUBLIC;
