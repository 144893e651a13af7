SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.feed_wake(p_incarnation bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM config.feed_held(p_incarnation);
    PERFORM setval('config.feed_awake', 1);
END
$$;

COMMENT ON FUNCTION config.feed_wake(bigint) IS
    'The leading bridge tells writers that it reads the feed every few milliseconds: they need not NOTIFY. AR410 if another incarnation leads. Example: SELECT config.feed_wake(7);';
REVOKE EXECUTE ON FUNCTION config.feed_wake(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.feed_wake(bigint) TO ark_bridge;
