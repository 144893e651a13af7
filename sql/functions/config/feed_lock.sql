SET LOCAL ROLE ark_owner;

-- The letters ARKfd.
CREATE OR REPLACE FUNCTION config.feed_lock() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 280553547364::bigint;

COMMENT ON FUNCTION config.feed_lock() IS
    'The advisory lock of the handshake between writers and the bridge: who writes configuration without waking the bridge holds it, shared, to the end of the transaction.';
REVOKE EXECUTE ON FUNCTION config.feed_lock() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.feed_lock() TO ark_system;
