SET LOCAL ROLE ark_system;

-- What is beyond the cursor is announced anyway, by feed_read, with numbers of its own.
CREATE OR REPLACE FUNCTION config.feed_replay(p_incarnation bigint)
RETURNS TABLE (epoch bigint, org_id bigint, service text, key text, version bigint, seq bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_feed config.feed;
    v_from pg_snapshot;
BEGIN
    v_feed := config.feed_held(p_incarnation);
    SELECT r.snapshot INTO v_from FROM config.feed_ring AS r ORDER BY r.taken_at LIMIT 1;
    RETURN QUERY
        SELECT v_feed.epoch, n.org_id, n.service, n.key, n.version, s.seq
        FROM (
            SELECT c.org_id, c.config_id, c.service, c.key, c.version, c.xid
            FROM config.service_configs AS c
            WHERE c.xid >= pg_snapshot_xmax(v_from) AND c.xid < pg_snapshot_xmax(v_feed.snapshot)
            UNION ALL
            SELECT c.org_id, c.config_id, c.service, c.key, c.version, c.xid
            FROM pg_snapshot_xip(v_from) AS x
            CROSS JOIN LATERAL config.changed_by(x) AS c
        ) AS n
        JOIN config.feed_services AS s USING (service)
        WHERE pg_visible_in_snapshot(n.xid, v_feed.snapshot)
        ORDER BY n.xid, n.config_id;
END
$$;

COMMENT ON FUNCTION config.feed_replay(bigint) IS
    'What was announced in the last two minutes, for a Redis that may have lost it: newest versions, with the number that each service''s feed has reached. AR410 if another incarnation leads. Example: SELECT * FROM config.feed_replay(7);';
REVOKE EXECUTE ON FUNCTION config.feed_replay(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.feed_replay(bigint) TO ark_bridge;
