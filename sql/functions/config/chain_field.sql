SET LOCAL ROLE ark_owner;

-- BEGIN ATOMIC binds every name when the function is made, so it needs no search_path and is inlined.
CREATE OR REPLACE FUNCTION config.chain_field(p_bytes bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN p_bytes IS NULL THEN '\x00'::bytea
                ELSE '\x01'::bytea || int4send(length(p_bytes)) || p_bytes END;
END;

COMMENT ON FUNCTION config.chain_field(bytea) IS
    'A field of what is hashed: 00 for NULL, else 01, the length in four bytes, the bytes. So no two different rows are written alike.';
REVOKE EXECUTE ON FUNCTION config.chain_field(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.chain_field(bytea) TO ark_system;
