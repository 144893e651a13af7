SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.history_digest(p_salt uuid, p_text text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT sha256(uuid_send(p_salt) || CASE WHEN p_text IS NULL THEN '\x00'::bytea ELSE '\x01'::bytea || convert_to(p_text, 'UTF8') END);
END;

COMMENT ON FUNCTION config.history_digest(uuid, text) IS
    'What stands for a text in the chain. Without the salt, which is 122 random bits, nobody can try texts against it. NULL without a salt.';
REVOKE EXECUTE ON FUNCTION config.history_digest(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.history_digest(uuid, text) TO ark_system;
