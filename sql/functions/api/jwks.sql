SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.jwks() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('keys', coalesce(jsonb_agg(
            k.public_key || jsonb_build_object('kid', k.kid, 'alg', k.algorithm, 'use', 'sig') ORDER BY k.not_before, k.kid), '[]'))
        FROM auth.signing_keys AS k
        WHERE k.not_after IS NULL OR k.not_after > statement_timestamp());
END
$$;

COMMENT ON FUNCTION api.jwks() IS
    'The JSON Web Key Set (RFC 7517, section 5) by which access tokens are verified: the keys that have not been retired, also those that are not signed with yet. A token of a key that is not in it is refused: so a retired key takes all its tokens with it. Example: SELECT api.jwks();';
REVOKE EXECUTE ON FUNCTION api.jwks() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.jwks() TO ark_gateway, ark_dba;
