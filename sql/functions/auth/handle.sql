SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.handle(p_token text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_parts text[] := regexp_match(p_token, '^arkr1\.([1-9][0-9]{0,17})\.[1-9][0-9]{0,17}\.([0-9a-f]{64})\.[0-9a-f]{64}$');
BEGIN
    IF v_parts IS NULL THEN
        RETURN CASE WHEN p_token ~ '^ark1\.[1-9][0-9]{0,17}\.[0-9a-f]{64}$' THEN p_token END;
    END IF;
    -- One way: who has the handle cannot refresh.
    RETURN format('ark1.%s.%s', v_parts[1], encode(sha256('\x61726b2068616e646c65'::bytea || decode(v_parts[2], 'hex')), 'hex'));
END
$$;

COMMENT ON FUNCTION auth.handle(text) IS
    'The handle of the session that a refresh token belongs to, of whatever generation: SHA-256 of "ark handle" and the family. A handle is its own. NULL: neither.';
REVOKE EXECUTE ON FUNCTION auth.handle(text) FROM PUBLIC;
