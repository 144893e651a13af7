SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.feed_resign(p_instance text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE config.feed AS f SET leader = NULL, lease_until = NULL WHERE f.leader = p_instance;
    IF FOUND THEN
        -- Nobody is awake now; and whoever stands by need not wait for its next beat.
        PERFORM setval('config.feed_awake', 0);
        PERFORM pg_notify('config_feed', 'resigned');
    END IF;
    RETURN FOUND;
END
$$;

COMMENT ON FUNCTION config.feed_resign(text) IS
    'Gives up the lead, so that another bridge takes over at once. False if the instance does not lead. Example: SELECT config.feed_resign(''bridge-1'');';
REVOKE EXECUTE ON FUNCTION config.feed_resign(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.feed_resign(text) TO ark_bridge;
