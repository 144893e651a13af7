SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.jwk_of_pem(p_pem text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_body   text := regexp_replace(substring(p_pem FROM '-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----'), '\s', '', 'g');
    v_der    bytea;
    v_at     integer := 0;
    v_length integer;
    v_parts  bytea[] := '{}';
    v_byte   integer;
BEGIN
    BEGIN
        v_der := decode(v_body, 'base64');
        -- RFC 5480: SubjectPublicKeyInfo of id-ecPublicKey, prime256v1 and an uncompressed point.
        IF length(v_der) = 91 AND substr(v_der, 1, 27) = '\x3059301306072a8648ce3d020106082a8648ce3d03010703420004'::bytea THEN
            RETURN jsonb_build_object('kty', 'EC', 'crv', 'P-256',
                'x', auth.base64url(substr(v_der, 28, 32)), 'y', auth.base64url(substr(v_der, 60, 32)));
        END IF;
        -- RFC 3279, section 2.3.1: SEQUENCE { SEQUENCE { rsaEncryption, NULL }, BIT STRING { SEQUENCE { n, e } } }.
        -- The five headers, with their lengths, in the order in which they come.
        WHILE v_at < length(v_der) LOOP
            v_byte := get_byte(v_der, v_at);
            v_length := get_byte(v_der, v_at + 1);
            v_at := v_at + 2;
            IF v_length > 127 THEN
                -- As many bytes of length follow.
                v_length := v_length - 128;
                IF v_length NOT IN (1, 2) THEN
                    RETURN NULL;
                END IF;
                v_at := v_at + v_length;
                v_length := CASE v_length WHEN 1 THEN get_byte(v_der, v_at - 1)
                    ELSE get_byte(v_der, v_at - 2) * 256 + get_byte(v_der, v_at - 1) END;
            END IF;
            CASE v_byte
                WHEN 48 THEN  -- SEQUENCE: what is in it comes next.
                    NULL;
                WHEN 3 THEN   -- BIT STRING: a byte of unused bits, then the same.
                    v_at := v_at + 1;
                WHEN 6 THEN   -- OBJECT IDENTIFIER
                    IF substr(v_der, v_at + 1, v_length) <> '\x2a864886f70d010101'::bytea THEN
                        RETURN NULL;
                    END IF;
                    v_at := v_at + v_length;
                WHEN 2 THEN   -- INTEGER, with a zero byte in front if its first bit is set.
                    v_parts := v_parts || ltrim(substr(v_der, v_at + 1, v_length), '\x00'::bytea);
                    v_at := v_at + v_length;
                ELSE
                    v_at := v_at + v_length;
            END CASE;
        END LOOP;
    EXCEPTION WHEN invalid_parameter_value OR array_subscript_error OR substring_error THEN
        RETURN NULL;
    END;
    IF cardinality(v_parts) <> 2 THEN
        RETURN NULL;
    END IF;
    RETURN jsonb_build_object('kty', 'RSA', 'n', auth.base64url(v_parts[1]), 'e', auth.base64url(v_parts[2]));
END
$$;

COMMENT ON FUNCTION auth.jwk_of_pem(text) IS
    'An RSA or P-256 public key in PEM, as openssl pkey -pubout writes it, as a JWK. NULL: something else.';
REVOKE EXECUTE ON FUNCTION auth.jwk_of_pem(text) FROM PUBLIC;
