SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.feed_status(
    OUT leader text, OUT leads boolean, OUT lease_for interval, OUT incarnation bigint, OUT epoch bigint,
    OUT is_known boolean, OUT behind bigint, OUT lag interval, OUT advanced_at timestamptz, OUT is_awake boolean,
    OUT services jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_feed config.feed;
    v_now  pg_snapshot := pg_current_snapshot();
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'the feed is read on the primary only'
            USING ERRCODE = '55000', HINT = 'Connect with target_session_attrs=read-write.';
    END IF;
    SELECT * INTO STRICT v_feed FROM config.feed AS f;
    leader := v_feed.leader;
    lease_for := greatest(v_feed.lease_until - clock_timestamp(), interval '0');
    leads := coalesce(v_feed.lease_until > clock_timestamp(), false);
    incarnation := v_feed.incarnation;
    epoch := v_feed.epoch;
    -- Whether the cursor belongs to this database: not after a restore, until a bridge has led.
    is_known := v_feed.identity IS NOT DISTINCT FROM config.database_identity();
    SELECT count(*), coalesce(clock_timestamp() - min(c.changed_at), interval '0') INTO behind, lag
    FROM config.service_configs AS c
    WHERE NOT pg_visible_in_snapshot(c.xid, v_feed.snapshot) AND pg_visible_in_snapshot(c.xid, v_now);
    advanced_at := v_feed.advanced_at;
    is_awake := (SELECT s.last_value = 1 FROM config.feed_awake AS s);
    services := (SELECT jsonb_object_agg(s.service, s.seq) FROM config.feed_services AS s);
END
$$;

COMMENT ON FUNCTION config.feed_status() IS
    'Who leads the feed, for how long yet, and whether it keeps up: behind counts the changes that are not announced yet, lag is the age of the oldest of them, advanced_at when the cursor moved last, services the last seq of each. is_known false: the next leader will begin a new epoch. 55000 on a standby. Example: SELECT leader, behind, lag FROM config.feed_status();';
REVOKE EXECUTE ON FUNCTION config.feed_status() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.feed_status() TO ark_bridge, ark_dba;
