SET LOCAL ROLE ark_system;

-- STABLE: within feed_read it sees that statement's snapshot.
CREATE OR REPLACE FUNCTION config.feed_held(p_incarnation bigint) RETURNS config.feed
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_feed config.feed;
BEGIN
    SELECT * INTO STRICT v_feed FROM config.feed AS f;
    IF v_feed.incarnation <> p_incarnation THEN
        RAISE EXCEPTION 'incarnation % no longer leads the feed, % does', p_incarnation, v_feed.incarnation
            USING ERRCODE = 'AR410';
    END IF;
    RETURN v_feed;
END
$$;

COMMENT ON FUNCTION config.feed_held(bigint) IS 'The feed, which an incarnation leads. AR410 if another one does.';
REVOKE EXECUTE ON FUNCTION config.feed_held(bigint) FROM PUBLIC;
