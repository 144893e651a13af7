SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.revoke_user(p_email text, p_reason text, p_slug text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_member core.memberships;
    v_count  bigint := 0;
    v_found  boolean := false;
BEGIN
    FOR v_member IN
        SELECT m.* FROM core.memberships AS m
        JOIN core.users AS u ON u.id = m.user_id
        JOIN core.organizations AS o ON o.id = m.org_id
        WHERE lower(u.email) = lower(normalize(p_email, NFKC)) AND (p_slug IS NULL OR lower(o.slug) = p_slug)
        ORDER BY m.org_id
    LOOP
        v_found := true;
        v_count := v_count + auth.end_sessions(v_member.org_id, v_member.user_id, NULL, p_reason);
    END LOOP;
    IF NOT v_found THEN
        RAISE EXCEPTION '% is a member of no organisation%', quote_nullable(p_email), coalesce(' ' || p_slug, '') USING ERRCODE = 'P0002';
    END IF;
    RETURN v_count;
END
$$;

COMMENT ON FUNCTION admin.revoke_user(text, text, text) IS
    'Ends the sessions of a user in every organisation, or in one, with their access tokens, at once; returns how many. P0002: a member of none. 22023: no reason. AR422: the reason holds what looks like a secret. 55000: not READ COMMITTED. Example: SELECT admin.revoke_user(''ann@acme.com'', ''account was taken over'');';
REVOKE EXECUTE ON FUNCTION admin.revoke_user(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.revoke_user(text, text, text) TO ark_dba;
