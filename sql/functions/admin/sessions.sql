SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.sessions(p_slug text DEFAULT NULL, p_email text DEFAULT NULL)
RETURNS TABLE (
    slug text, email text, role text, state text, org_id bigint, session_id bigint, user_id bigint, created_at timestamptz,
    refreshed_at timestamptz, refreshes bigint, access_tokens bigint, expires_at timestamptz, ended_at timestamptz, end_reason text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT o.slug, u.email, m.role,
           CASE WHEN s.ended_at IS NOT NULL THEN 'ended'
                WHEN s.expires_at <= statement_timestamp() THEN 'expired'
                WHEN o.status NOT IN ('PENDING', 'COMMITTED') THEN 'suspended'
                ELSE 'open' END,
           s.org_id, s.session_id, s.user_id, s.created_at, s.refreshed_at, s.refresh_counter - 1,
           (SELECT count(*) FROM auth.access_tokens AS t
            WHERE t.org_id = s.org_id AND t.session_id = s.session_id AND t.expires_at > statement_timestamp()
              AND NOT EXISTS (SELECT FROM auth.jti_denylist AS d WHERE d.jti = t.jti)),
           s.expires_at, s.ended_at, s.end_reason
    FROM auth.sessions AS s
    JOIN core.organizations AS o ON o.id = s.org_id
    JOIN core.users AS u ON u.id = s.user_id
    JOIN core.memberships AS m ON m.org_id = s.org_id AND m.user_id = s.user_id
    WHERE (p_slug IS NULL OR lower(o.slug) = p_slug) AND (p_email IS NULL OR lower(u.email) = lower(p_email))
    ORDER BY s.ended_at IS NOT NULL, s.created_at DESC
$$;

COMMENT ON FUNCTION admin.sessions(text, text) IS
    'Sessions of an organisation, of a user, or all, the open and youngest first: how often refreshed, how many access tokens are out, why it ended. Ended ones are kept for 30 days. Example: SELECT email, state, refreshed_at, end_reason FROM admin.sessions(''acme'');';
REVOKE EXECUTE ON FUNCTION admin.sessions(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.sessions(text, text) TO ark_dba, ark_auditor;
