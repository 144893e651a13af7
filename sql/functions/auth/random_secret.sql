SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.random_secret() RETURNS bytea
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Two random UUIDs are 244 random bits; the hash makes them 32 bytes without a pattern.
    RETURN sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
END
$$;

COMMENT ON FUNCTION auth.random_secret() IS 'Thirty-two bytes that nobody can guess.';
REVOKE EXECUTE ON FUNCTION auth.random_secret() FROM PUBLIC;
