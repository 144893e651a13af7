SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.forget_sessions(p_batch integer DEFAULT 1000) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_count bigint;
BEGIN
    DELETE FROM auth.sessions AS s
    USING (
        SELECT o.org_id, o.session_id FROM auth.sessions AS o
        WHERE least(o.ended_at, o.expires_at) < clock_timestamp() - interval '30 days'
        ORDER BY least(o.ended_at, o.expires_at) LIMIT p_batch FOR UPDATE SKIP LOCKED) AS old
    WHERE s.org_id = old.org_id AND s.session_id = old.session_id;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

COMMENT ON FUNCTION auth.forget_sessions(integer) IS
    'Deletes a batch of sessions that ended more than 30 days ago; returns how many. Until then a used-up refresh token of theirs is told apart from an invented one, and admin.sessions() shows why they ended.';
REVOKE EXECUTE ON FUNCTION auth.forget_sessions(integer) FROM PUBLIC;
