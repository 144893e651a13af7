SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.base64url(p_bytes bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN rtrim(translate(encode(p_bytes, 'base64'), E'+/\n', '-_'), '=');
END
$$;

COMMENT ON FUNCTION auth.base64url(bytea) IS 'Base64 for URLs, without padding (RFC 7515, appendix C).';
REVOKE EXECUTE ON FUNCTION auth.base64url(bytea) FROM PUBLIC;
