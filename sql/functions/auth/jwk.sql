SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.jwk(p_algorithm text, p_key text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_key   jsonb;
    v_names text[] := CASE p_algorithm WHEN 'RS256' THEN ARRAY['n', 'e'] WHEN 'ES256' THEN ARRAY['x', 'y'] END;
    v_name  text;
    v_bytes bytea;
BEGIN
    IF v_names IS NULL THEN
        RAISE EXCEPTION '% is no algorithm for access tokens', quote_nullable(p_algorithm)
            USING ERRCODE = '22023', HINT = 'RS256 or ES256.';
    END IF;
    -- The key stays out of every message.
    IF p_key ~* 'PRIVATE\s+KEY' THEN
        RAISE EXCEPTION 'this is a private key' USING ERRCODE = 'AR422',
            HINT = 'It must be replaced now: it was sent in plain text. Only the public part is kept here.';
    END IF;
    IF p_key ~ '-----BEGIN PUBLIC KEY-----' THEN
        RETURN auth.jwk(p_algorithm, auth.jwk_of_pem(p_key)::text);
    END IF;
    BEGIN
        v_key := p_key::jsonb;
    EXCEPTION WHEN OTHERS THEN
        v_key := NULL;
    END;
    IF jsonb_typeof(v_key) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'this is neither a JWK nor a PEM' USING ERRCODE = '22023',
            HINT = 'What openssl pkey -pubout writes, or {"kty": "EC", "crv": "P-256", "x": …, "y": …}.';
    END IF;
    IF v_key ?| ARRAY['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] THEN
        RAISE EXCEPTION 'this is a private key' USING ERRCODE = 'AR422',
            DETAIL = format('It has the members %s.', array_to_string(ARRAY(SELECT k FROM jsonb_object_keys(v_key) AS k
                WHERE k IN ('d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k') ORDER BY k), ', ')),
            HINT = 'It must be replaced now: it was sent in plain text. Only the public part is kept here.';
    END IF;
    IF v_key ->> 'kty' IS DISTINCT FROM (CASE p_algorithm WHEN 'RS256' THEN 'RSA' ELSE 'EC' END)
        OR (p_algorithm = 'ES256' AND v_key ->> 'crv' IS DISTINCT FROM 'P-256') THEN
        RAISE EXCEPTION 'the key is not one for %', p_algorithm USING ERRCODE = '22023',
            HINT = 'RS256: kty RSA. ES256: kty EC, crv P-256.';
    END IF;
    FOREACH v_name IN ARRAY v_names LOOP
        IF coalesce(v_key ->> v_name, '') !~ '^[A-Za-z0-9_-]+$' OR length(v_key ->> v_name) % 4 = 1 THEN
            RAISE EXCEPTION 'the key has no %, or it is not base64url without padding', v_name USING ERRCODE = '22023';
        END IF;
        v_bytes := decode(rpad(translate(v_key ->> v_name, '-_', '+/'), (length(v_key ->> v_name) + 3) / 4 * 4, '='), 'base64');
        IF v_name IN ('x', 'y') AND length(v_bytes) <> 32 THEN
            RAISE EXCEPTION 'a coordinate of P-256 has 32 bytes, not %', length(v_bytes) USING ERRCODE = '22023';
        END IF;
        IF v_name = 'n' AND (length(v_bytes) NOT BETWEEN 256 AND 1024 OR get_byte(v_bytes, 0) = 0) THEN
            RAISE EXCEPTION 'an RSA key has 2048 to 8192 bits, not %', length(ltrim(v_bytes, '\x00'::bytea)) * 8
                USING ERRCODE = '22023', HINT = 'RFC 7518, section 3.3.';
        END IF;
        IF v_name = 'e' AND v_key ->> 'e' <> 'AQAB' THEN
            RAISE EXCEPTION 'the exponent is not 65537' USING ERRCODE = '22023';
        END IF;
    END LOOP;
    -- Nothing else of it, whatever else it has.
    RETURN CASE p_algorithm
        WHEN 'RS256' THEN jsonb_build_object('kty', 'RSA', 'n', v_key ->> 'n', 'e', v_key ->> 'e')
        ELSE jsonb_build_object('kty', 'EC', 'crv', 'P-256', 'x', v_key ->> 'x', 'y', v_key ->> 'y') END;
END
$$;

COMMENT ON FUNCTION auth.jwk(text, text) IS
    'A public key as a JWK, from a JWK or from a PEM (RFC 7468, section 13). AR422: a private key. 22023: no key of this algorithm, or too small.';
REVOKE EXECUTE ON FUNCTION auth.jwk(text, text) FROM PUBLIC;
