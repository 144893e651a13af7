SET LOCAL ROLE ark_owner;

-- This and the other functions of the chain hash record_send(ROW(…)), PostgreSQL's binary form of a row:
-- the number of columns, then the type, the length and the bytes of each, NULL as length -1. So no two
-- different rows are written alike. Texts go in as UTF-8 bytes, because text follows client_encoding.
-- BEGIN ATOMIC binds every name when the function is made, so it needs no search_path and is inlined.

CREATE OR REPLACE FUNCTION config.history_digest(p_salt uuid, p_text text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN p_salt IS NOT NULL THEN sha256(record_send(ROW(p_salt, convert_to(p_text, 'UTF8')))) END;
END;

COMMENT ON FUNCTION config.history_digest(uuid, text) IS
    'What stands for a text in the chain. Without the salt, which is 122 random bits, nobody can try texts against it. NULL without a salt.';
REVOKE EXECUTE ON FUNCTION config.history_digest(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.history_digest(uuid, text) TO ark_system;
