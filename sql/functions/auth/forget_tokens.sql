SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.forget_tokens(p_batch integer DEFAULT 10000) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- A verifier's clock may be behind.
    v_before timestamptz := clock_timestamp() - interval '5 minutes';
    v_denied bigint;
    v_issued bigint;
BEGIN
    DELETE FROM auth.jti_denylist AS d
    WHERE d.jti IN (
        SELECT o.jti FROM auth.jti_denylist AS o WHERE o.expires_at < v_before
        ORDER BY o.expires_at LIMIT p_batch FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_denied = ROW_COUNT;
    DELETE FROM auth.access_tokens AS t
    USING (
        SELECT o.org_id, o.jti FROM auth.access_tokens AS o WHERE o.expires_at < v_before
        ORDER BY o.expires_at LIMIT p_batch FOR UPDATE SKIP LOCKED) AS old
    WHERE t.org_id = old.org_id AND t.jti = old.jti;
    GET DIAGNOSTICS v_issued = ROW_COUNT;
    RETURN v_denied + v_issued;
END
$$;

COMMENT ON FUNCTION auth.forget_tokens(integer) IS
    'Deletes a batch each of access tokens and of entries of the denylist whose token expired more than five minutes ago; returns how many.';
REVOKE EXECUTE ON FUNCTION auth.forget_tokens(integer) FROM PUBLIC;
