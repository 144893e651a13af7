SET LOCAL ROLE ark_owner;

-- Chance changes between small letters, capitals and digits at more than every second place; words, in
-- whatever case they are joined, at every third at most. What identifies and is known to be public is taken
-- out before: UUIDs, digests that say their algorithm, public keys and certificates.
CREATE OR REPLACE FUNCTION config.looks_random(p_key text, p_value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_text  text;
    v_token text;
    v_bare  text;
    v_turns integer;
    v_digits integer;
BEGIN
    -- Few values come further, where the expressions are many.
    IF length(p_value) < 20 OR p_value !~ '[A-Za-z0-9_+/=-]{20}' THEN
        RETURN false;
    END IF;
    v_text := regexp_replace(p_value, '-----BEGIN (CERTIFICATE|PUBLIC KEY|PGP PUBLIC KEY BLOCK|[A-Z0-9 ]*PUBLIC KEY)-----.*?-----END [A-Z0-9 ]+-----', ' ', 'g');
    v_text := regexp_replace(v_text, '\m[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\M', ' ', 'g');
    v_text := regexp_replace(v_text, '\m(md5|sha1|sha224|sha256|sha384|sha512)[:-][A-Za-z0-9+/=]+', ' ', 'gi');
    v_text := regexp_replace(v_text, '\m(ssh-(rsa|ed25519|dss)|ecdsa-sha2-\S+) [A-Za-z0-9+/=]+', ' ', 'g');
    v_text := regexp_replace(v_text, '"(x|y|n|e|kid)"\s*:\s*"[A-Za-z0-9_-]+"', ' ', 'g');

    FOR v_token IN SELECT m[1] FROM regexp_matches(v_text, '([A-Za-z0-9_+/=-]{20,})', 'g') AS m LOOP
        -- A path or a sentence of words.
        v_bare := regexp_replace(v_token, '[_+/=-]', '', 'g');
        v_digits := regexp_count(v_bare, '[0-9]');
        CONTINUE WHEN length(v_bare) < 18 OR v_digits = length(v_bare);
        IF v_token ~ '^(0x)?([0-9a-f]+|[0-9A-F]+)$' THEN
            CONTINUE WHEN length(v_token) < 32 OR v_digits < 4
                OR p_key ~* '(^|[_.-])(commit|sha[0-9]*|git|revision|rev|head|checksum|digest|hash|md5|etag|fingerprint|build|asset|version)([_.-]|$)';
            RETURN true;
        END IF;
        -- A secret access key of AWS has forty characters of Base64; a path of that length has short parts.
        IF length(v_token) = 40 AND v_token ~ '^[A-Za-z0-9/+]+$' AND v_token ~ '[a-z]' AND v_token ~ '[A-Z]' AND v_digits >= 1
            AND v_token ~ '[A-Za-z0-9+]{9}' AND v_token !~ '/.*/.*/' AND regexp_count(v_token, '[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])') >= 10 THEN
            RETURN true;
        END IF;
        v_turns := regexp_count(v_bare, '[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])');
        IF v_bare ~ '[a-z]' AND v_bare ~ '[A-Z]' THEN
            -- A plus sign or padding is Base64's.
            IF v_turns > (CASE WHEN v_token ~ '\+|=$' THEN 0.3 ELSE 0.4 END) * length(v_bare)
                -- What is left without what can be spoken: UserServiceV2Test3 turns often, too.
                AND length(regexp_replace(v_bare, '[A-Z]?[b-df-hj-np-tv-z]{0,3}[aeiouy][a-z]{2,}', '', 'g')) > 0.5 * length(v_bare) THEN
                RETURN true;
            END IF;
        ELSIF v_token ~ '^[A-Z2-7]{24,}=*$' AND v_digits BETWEEN 1 AND 0.5 * length(v_bare) THEN
            RETURN true;
        ELSIF v_digits BETWEEN 0.06 * length(v_bare) AND 0.7 * length(v_bare) AND v_turns > 0.2 * length(v_bare)
            AND length(v_bare) >= 24 AND v_token !~ '[_/-]' THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END
$$;

COMMENT ON FUNCTION config.looks_random(text, text) IS
    'Whether a value contains what only chance writes: 20 characters and more of a random token in hexadecimal, Base32, Base64 and the like. Not UUIDs, numbers, digests that say their algorithm, public keys; not plain hexadecimal under a key that is named for a commit or a checksum.';
REVOKE EXECUTE ON FUNCTION config.looks_random(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.looks_random(text, text) TO ark_system, ark_app, ark_app_strict, ark_dba;
