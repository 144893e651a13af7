SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.feed_lead(
    p_instance text, p_lease interval,
    OUT leads boolean, OUT incarnation bigint, OUT epoch bigint, OUT leader text,
    OUT services jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_feed     config.feed;
    v_identity text;
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'the feed is read on the primary only'
            USING ERRCODE = '55000', HINT = 'Connect with target_session_attrs=read-write.';
    END IF;

    SELECT * INTO STRICT v_feed FROM config.feed AS f FOR UPDATE;
    -- A lease that ends further ahead than any that is given was given by a clock that has been set back
    -- since; whoever had it may be gone, and would block the lead until the clock is there again.
    IF v_feed.leader <> p_instance AND v_feed.lease_until > clock_timestamp()
        AND v_feed.lease_until <= clock_timestamp() + p_lease + interval '1 min' THEN
        leads := false;
        leader := v_feed.leader;
        incarnation := v_feed.incarnation;
        epoch := v_feed.epoch;
        RETURN;
    END IF;

    IF v_feed.leader IS DISTINCT FROM p_instance THEN
        v_feed.incarnation := v_feed.incarnation + 1;
    END IF;

    v_identity := config.database_identity();
    IF v_feed.identity IS DISTINCT FROM v_identity THEN
        DELETE FROM config.boot;
        INSERT INTO config.boot (nonce) VALUES (gen_random_uuid());
        v_feed.identity := config.database_identity();
        -- By the clock, so that it rises even where an old dump brought back an old number.
        v_feed.epoch := greatest(v_feed.epoch + 1, extract(epoch FROM clock_timestamp())::bigint);
        -- 3:3: has seen nothing, so every row is announced again. Those are stamped anew whose number, from
        -- another history, lies ahead of this one's: no snapshot has seen them. Those alone: after a mere
        -- restart there are none, and to write them all would wait for every row that somebody holds, a
        -- prepared transaction, say, for ever.
        v_feed.snapshot := '3:3:';
        UPDATE config.service_configs AS c SET xid = pg_current_xact_id() WHERE c.xid >= pg_current_xact_id();
        DELETE FROM config.feed_ring;
    END IF;

    UPDATE config.feed AS f
    SET leader = p_instance, lease_until = clock_timestamp() + p_lease,
        incarnation = v_feed.incarnation, epoch = v_feed.epoch, identity = v_feed.identity,
        snapshot = v_feed.snapshot;

    IF NOT EXISTS (SELECT FROM config.feed_ring AS r WHERE r.taken_at > clock_timestamp() - interval '5 s') THEN
        INSERT INTO config.feed_ring (snapshot) VALUES (v_feed.snapshot);
        -- The newest that is older stays: from it on, two minutes are complete.
        DELETE FROM config.feed_ring AS r
        WHERE r.taken_at < (
            SELECT max(o.taken_at) FROM config.feed_ring AS o
            WHERE o.taken_at <= clock_timestamp() - interval '2 min');
    END IF;

    leads := true;
    leader := p_instance;
    incarnation := v_feed.incarnation;
    epoch := v_feed.epoch;
    services := (SELECT jsonb_object_agg(s.service, s.seq) FROM config.feed_services AS s);
END
$$;

COMMENT ON FUNCTION config.feed_lead(text, interval) IS
    'Takes or renews the lead of the feed for an instance. A new leader gets a new incarnation; a database that is not the one the cursor knew gets a new epoch, and everything is announced again. services: last seq per service. 55000 on a standby. Example: SELECT * FROM config.feed_lead(''bridge-1'', ''4 s'');';
REVOKE EXECUTE ON FUNCTION config.feed_lead(text, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.feed_lead(text, interval) TO ark_bridge;
