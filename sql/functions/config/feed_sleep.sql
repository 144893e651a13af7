SET LOCAL ROLE ark_system;

-- First the flag, then the lock. A writer takes the lock, then reads the flag: either it reads that the
-- bridge sleeps, and notifies; or it holds the lock still, and the bridge stays awake; or it has ended,
-- and the read that follows finds what it wrote.
CREATE OR REPLACE FUNCTION config.feed_sleep(p_incarnation bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM config.feed_held(p_incarnation);
    PERFORM setval('config.feed_awake', 0);
    IF pg_try_advisory_lock(config.feed_lock()) THEN
        PERFORM pg_advisory_unlock(config.feed_lock());
        RETURN true;
    END IF;
    PERFORM setval('config.feed_awake', 1);
    RETURN false;
END
$$;

COMMENT ON FUNCTION config.feed_sleep(bigint) IS
    'The leading bridge asks whether it may wait for NOTIFY. False: a transaction that has not notified is still open, go on reading. True: writers notify from now on; read once more, then wait. AR410 if another incarnation leads. Example: SELECT config.feed_sleep(7);';
REVOKE EXECUTE ON FUNCTION config.feed_sleep(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.feed_sleep(bigint) TO ark_bridge;
