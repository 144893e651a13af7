SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.open_session(
    p_org_id bigint, p_user_id bigint, p_lifetime interval DEFAULT '8 hours') RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Two random UUIDs are 244 random bits; the hash makes them 64 digits without a pattern.
    v_handle text := format('ark1.%s.%s', p_org_id,
        encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex'));
BEGIN
    IF p_lifetime IS NULL OR p_lifetime <= interval '0' OR p_lifetime > interval '90 days' THEN
        RAISE EXCEPTION 'a session lives for up to 90 days, not %', p_lifetime USING ERRCODE = '22023';
    END IF;
    IF NOT EXISTS (
        SELECT FROM core.memberships AS m
        JOIN core.organizations AS o ON o.id = m.org_id
        WHERE m.org_id = p_org_id AND m.user_id = p_user_id AND o.status IN ('PENDING', 'COMMITTED')
    ) THEN
        RAISE EXCEPTION 'user % is no member of organisation %', p_user_id, p_org_id
            USING ERRCODE = '42501', HINT = 'SELECT api.invite_member(…), in that organisation.';
    END IF;
    INSERT INTO auth.sessions (org_id, user_id, handle_hash, expires_at)
    VALUES (p_org_id, p_user_id, sha256(convert_to(v_handle, 'UTF8')), clock_timestamp() + p_lifetime);
    RETURN v_handle;
END
$$;

COMMENT ON FUNCTION api.open_session(bigint, bigint, interval) IS
    'Opens a session of a member and returns its handle, which is shown this once and stored nowhere. For whoever has verified who the user is. 42501: no member, or the organisation is suspended or gone. 22023: lifetime. Example: SELECT api.open_session(123, 7, ''8 hours'');';
REVOKE EXECUTE ON FUNCTION api.open_session(bigint, bigint, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.open_session(bigint, bigint, interval) TO ark_gateway, ark_dba;
