SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.feed_resign(p_instance text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    WITH resigned AS (
        UPDATE config.feed SET leader = NULL, lease_until = NULL
        WHERE leader = p_instance
        RETURNING 1)
    SELECT EXISTS (SELECT FROM resigned)
$$;

COMMENT ON FUNCTION config.feed_resign(text) IS
    'Gives up the lead, so that another bridge takes over at once. False if the instance does not lead. Example: SELECT config.feed_resign(''bridge-1'');';
REVOKE EXECUTE ON FUNCTION config.feed_resign(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.feed_resign(text) TO ark_bridge;
