SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.add_signing_key(
    p_kid text, p_algorithm text, p_public_key text,
    p_not_before timestamptz DEFAULT clock_timestamp(), p_not_after timestamptz DEFAULT NULL)
RETURNS auth.signing_keys
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_row auth.signing_keys;
    v_key jsonb := auth.jwk(p_algorithm, p_public_key);
BEGIN
    IF p_kid IS NULL OR p_not_before IS NULL THEN
        RAISE EXCEPTION 'a key needs a name, and a time from which it is signed with' USING ERRCODE = '22023',
            HINT = 'p_not_before is now, if it is not said.';
    END IF;
    INSERT INTO auth.signing_keys (kid, algorithm, public_key, not_before, not_after, added_by)
    VALUES (p_kid, p_algorithm, v_key, p_not_before, p_not_after, core.actor())
    ON CONFLICT (kid) DO NOTHING
    RETURNING * INTO v_row;
    IF NOT FOUND THEN
        SELECT * INTO v_row FROM auth.signing_keys AS k WHERE k.kid = p_kid;
        -- Sent again: it is there.
        IF (v_row.algorithm, v_row.public_key) IS DISTINCT FROM (p_algorithm, v_key) THEN
            RAISE EXCEPTION 'there is another key %', p_kid
                USING ERRCODE = 'AR409', HINT = 'A name is used once: verifiers may hold the old key under it.';
        END IF;
    END IF;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION admin.add_signing_key(text, text, text, timestamptz, timestamptz) IS
    'Adds the public part of a key that access tokens are signed with: RS256 or ES256, as PEM (openssl pkey -pubout) or JWK. Let p_not_before be later than verifiers keep the key set. The same key again changes nothing. AR422: a private key. AR409: another key has that name. 22023: no key of that algorithm, or too small; no name or no begin. 23514: a name that is none, or an end before the begin. Example: SELECT kid, not_before FROM admin.add_signing_key(''2026-12'', ''ES256'', :''pem'', now() + interval ''1 hour'');';
REVOKE EXECUTE ON FUNCTION admin.add_signing_key(text, text, text, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.add_signing_key(text, text, text, timestamptz, timestamptz) TO ark_dba;
