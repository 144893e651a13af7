SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.flag_bucket(p_key text, p_salt text, p_subject text) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    v_hash bytea := sha256(convert_to(p_key || '.' || p_salt || '.' || p_subject, 'UTF8'));
BEGIN
    -- The first eight bytes are an unsigned number, which bigint does not hold: 67296 is 2^32 modulo 100000.
    RETURN ((('x' || encode(substr(v_hash, 1, 4), 'hex'))::bit(32)::bigint % 100000) * 67296
          + ('x' || encode(substr(v_hash, 5, 4), 'hex'))::bit(32)::bigint) % 100000;
END
$$;

COMMENT ON FUNCTION config.flag_bucket(text, text, text) IS
    'Where a subject stands in a rollout, 0 to 99999: the first eight bytes of SHA-256 of key.salt.subject in UTF-8, unsigned and most significant first, modulo 100000. docs/flags.md, docs/flag-vectors.json.';
REVOKE EXECUTE ON FUNCTION config.flag_bucket(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.flag_bucket(text, text, text) TO ark_system, ark_app, ark_app_strict, ark_app_ro, ark_dba;
