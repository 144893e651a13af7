SET LOCAL ROLE ark_system;

-- Reads the setting itself: a function that took a handle could be asked about handles.
CREATE OR REPLACE FUNCTION core.session(
    OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_handle text := current_setting('app.session', true);
    v_parts  text[] := regexp_match(v_handle, '^ark1\.([0-9]{1,18})\.[0-9a-f]{64}$');
BEGIN
    -- Under another isolation than api.begin_request lets pass it would not be verified anew.
    IF v_parts IS NULL OR current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RETURN;
    END IF;
    SELECT s.org_id, s.user_id, m.role, u.email INTO org_id, user_id, role, email
    FROM auth.sessions AS s
    JOIN core.memberships AS m ON m.org_id = s.org_id AND m.user_id = s.user_id
    JOIN core.users AS u ON u.id = s.user_id
    JOIN core.organizations AS o ON o.id = s.org_id AND o.status IN ('PENDING', 'COMMITTED')
    WHERE s.org_id = v_parts[1]::bigint AND s.handle_hash = sha256(convert_to(v_handle, 'UTF8'))
      AND s.ended_at IS NULL AND s.expires_at > statement_timestamp()
      AND (s.access_until IS NULL OR s.access_until > statement_timestamp());
END
$$;

COMMENT ON FUNCTION core.session() IS
    'The session whose handle api.begin_request has put into app.session: organisation, user, role, address. NULLs if there is none, or if it has ended or expired by now, or its last access token has, or if the organisation is not open.';
REVOKE EXECUTE ON FUNCTION core.session() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.session() TO ark_owner, ark_app, ark_app_strict, ark_dba, ark_gateway;
