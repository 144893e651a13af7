SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.pod_configs(
    p_service text, p_epoch bigint DEFAULT NULL, p_since pg_snapshot DEFAULT NULL)
RETURNS TABLE (
    epoch bigint, seq bigint, snapshot pg_snapshot, complete boolean,
    org_id bigint, key text, value text, type text, version bigint, changed_us bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_feed config.feed;
    v_seq  bigint;
    v_now  pg_snapshot;
    v_full boolean := true;
BEGIN
    IF NOT EXISTS (
        SELECT FROM config.subscriptions AS s
        WHERE s.login = session_user AND s.service = p_service
    ) THEN
        RAISE EXCEPTION 'login % is not bound to service %', session_user, p_service
            USING ERRCODE = '42501',
                  HINT = format('An administrator: SELECT admin.bind_pod(%L, %L);', session_user, p_service);
    END IF;

    SELECT * INTO STRICT v_feed FROM config.feed AS f;
    SELECT s.seq INTO v_seq FROM config.feed_services AS s WHERE s.service = p_service;

    -- A snapshot is worth something only on the primary, in the history that the feed knows, and
    -- in a transaction that has written nothing. Elsewhere every load is complete.
    IF NOT pg_is_in_recovery() AND pg_current_xact_id_if_assigned() IS NULL THEN
        IF config.database_identity() = v_feed.identity THEN
            v_now := pg_current_snapshot();
            v_full := p_since IS NULL OR p_epoch IS DISTINCT FROM v_feed.epoch;
        END IF;
    END IF;

    RETURN QUERY
        WITH bound AS MATERIALIZED (
            SELECT s.org_id FROM config.subscriptions AS s
            WHERE s.login = session_user AND s.service = p_service
        ), changed AS (
            SELECT c.* FROM config.service_configs AS c
            WHERE v_full AND c.service = p_service
            UNION ALL
            SELECT c.* FROM config.service_configs AS c
            WHERE NOT v_full AND c.service = p_service
              AND c.xid >= pg_snapshot_xmax(p_since) AND c.xid < pg_snapshot_xmax(v_now)
            UNION ALL
            SELECT c.* FROM config.service_configs AS c
            WHERE NOT v_full AND c.service = p_service
              AND c.xid = ANY (ARRAY(SELECT x FROM pg_snapshot_xip(p_since) AS x))
        )
        SELECT v_feed.epoch, v_seq, v_now, v_full,
               r.org_id, r.key, r.value, t.type, r.version,
               (extract(epoch FROM r.changed_at) * 1000000)::bigint
        FROM (VALUES (1)) AS header (n)
        LEFT JOIN changed AS r
            -- The platform's own values, of organisation 0, are everybody's defaults.
            ON r.org_id = 0 OR EXISTS (SELECT FROM bound AS b WHERE b.org_id IS NULL OR b.org_id = r.org_id)
        LEFT JOIN LATERAL (
            SELECT k.type FROM config.key_schema AS k
            WHERE k.service = p_service AND k.key IN (r.key, '*')
            ORDER BY k.key = '*'
            LIMIT 1
        ) AS t ON true;
END
$$;

COMMENT ON FUNCTION api.pod_configs(text, bigint, pg_snapshot) IS
    'What a platform service holds in memory. Without arguments beside the service: everything (complete). With the epoch and snapshot of the last answer: what is new since. Always at least one row, whose org_id is NULL if there is nothing. A NULL snapshot (standby, unknown history) means: load completely next time. A NULL value is a tombstone. Organisation 0 is the platform, whose values hold where an organisation has none. changed_us: microseconds since 1970 by the database''s clock. 42501 if the login is not bound to the service. Example: SELECT * FROM api.pod_configs(''ai'');';
REVOKE EXECUTE ON FUNCTION api.pod_configs(text, bigint, pg_snapshot) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.pod_configs(text, bigint, pg_snapshot) TO ark_pod;
