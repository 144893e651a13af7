SET LOCAL ROLE ark_system;

-- One statement, one snapshot. STABLE, so that every query in here sees the snapshot of the calling
-- statement, which is also the one that is returned as the new cursor.
CREATE OR REPLACE FUNCTION config.feed_read(p_incarnation bigint)
RETURNS TABLE (
    since pg_snapshot, snapshot pg_snapshot, epoch bigint,
    org_id bigint, service text, key text, version bigint, seq bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_feed config.feed;
    v_now  pg_snapshot := pg_current_snapshot();
BEGIN
    IF pg_is_in_recovery() THEN
        -- Its snapshots do not list what is in progress on the primary: changes would be lost.
        RAISE EXCEPTION 'a cursor of the feed is taken on the primary only'
            USING ERRCODE = '55000', HINT = 'Connect with target_session_attrs=read-write.';
    END IF;
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        -- A snapshot does not list its own transaction, whose changes would count as seen.
        RAISE EXCEPTION 'a cursor of the feed is not taken by a transaction that has written'
            USING ERRCODE = '55000';
    END IF;

    v_feed := config.feed_held(p_incarnation);

    RETURN QUERY
        SELECT v_feed.snapshot, v_now, v_feed.epoch,
               n.org_id, n.service, n.key, n.version,
               s.seq + row_number() OVER (PARTITION BY n.service ORDER BY n.xid, n.config_id)
        FROM (
            SELECT c.org_id, c.config_id, c.service, c.key, c.version, c.xid
            FROM config.service_configs AS c
            WHERE c.xid >= pg_snapshot_xmax(v_feed.snapshot)
              AND c.xid < pg_snapshot_xmax(v_now)
            UNION ALL
            SELECT c.org_id, c.config_id, c.service, c.key, c.version, c.xid
            FROM pg_snapshot_xip(v_feed.snapshot) AS x
            CROSS JOIN LATERAL config.changed_by(x) AS c
        ) AS n
        JOIN config.feed_services AS s USING (service);
    IF NOT FOUND THEN
        RETURN QUERY SELECT v_feed.snapshot, v_now, v_feed.epoch,
                            NULL::bigint, NULL::text, NULL::text, NULL::bigint, NULL::bigint;
    END IF;
END
$$;

COMMENT ON FUNCTION config.feed_read(bigint) IS
    'What the cursor has not seen: rows visible now and not in its snapshot, numbered per service. Always at least one row, whose org_id is NULL if there is nothing. AR410 if another incarnation leads; 55000 on a standby or after a write. Example: SELECT * FROM config.feed_read(7);';
REVOKE EXECUTE ON FUNCTION config.feed_read(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.feed_read(bigint) TO ark_bridge;
