SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.pod_configs(
    p_service text, p_epoch bigint DEFAULT NULL, p_since pg_snapshot DEFAULT NULL)
RETURNS TABLE (
    epoch bigint, seq bigint, snapshot pg_snapshot, complete boolean,
    org_id bigint, key text, value text, type text, version bigint, changed_us bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Where it is off, which a session that a pooler hands on may have left, every read would be refused.
SET row_security = on
AS $$
DECLARE
    v_all      boolean;
    v_orgs     bigint[];
    v_epoch    bigint;
    v_identity text;
    v_seq      bigint;
    v_now      pg_snapshot;
BEGIN
    -- A snapshot is worth something only on the primary, in the history that the feed knows, and in a
    -- transaction that has written nothing. Elsewhere every load is complete. (A standby cannot even plan a
    -- look at the mark.)
    IF NOT pg_is_in_recovery() THEN
        -- What is new, in one statement and one snapshot: a thousand pods ask for it at once, and each further
        -- statement would cost all of them. Nothing comes of it for whom it is not meant, see below.
        RETURN QUERY
            SELECT f.epoch, s.seq, pg_current_snapshot(), false,
                   c.org_id, c.key, c.value, c.type, c.version, c.changed_us
            FROM config.feed AS f
            LEFT JOIN config.feed_services AS s ON s.service = p_service
            LEFT JOIN (
                SELECT n.org_id, n.key, n.value, n.version, (extract(epoch FROM n.changed_at) * 1000000)::bigint AS changed_us,
                       (SELECT k.type FROM config.key_schema AS k
                        WHERE k.service = p_service AND k.key IN (n.key, '*')
                        ORDER BY k.key = '*'
                        LIMIT 1) AS type
                FROM (
                    SELECT a.* FROM config.service_configs AS a
                    WHERE a.xid >= pg_snapshot_xmax(p_since) AND a.xid < pg_snapshot_xmax(pg_current_snapshot())
                    UNION ALL
                    SELECT b.* FROM pg_snapshot_xip(p_since) AS x CROSS JOIN LATERAL config.changed_by(x) AS b
                ) AS n
                WHERE n.service = p_service AND EXISTS (
                    SELECT FROM config.subscriptions AS b
                    WHERE b.login = session_user AND b.service = p_service
                      AND (b.org_id IS NULL OR n.org_id IN (b.org_id, 0)))
            ) AS c ON true
            WHERE f.epoch = p_epoch AND p_since IS NOT NULL
              AND EXISTS (
                  SELECT FROM config.subscriptions AS b WHERE b.login = session_user AND b.service = p_service)
              AND pg_current_xact_id_if_assigned() IS NULL
              AND starts_with(f.identity, (SELECT h.mark || '/' FROM config.current_history AS h));
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;

    -- The platform's own values, of organisation 0, are everybody's defaults.
    SELECT bool_or(b.org_id IS NULL), array_agg(b.org_id) || 0::bigint INTO v_all, v_orgs
    FROM config.subscriptions AS b
    WHERE b.login = session_user AND b.service = p_service;
    IF v_all IS NULL THEN
        RAISE EXCEPTION 'login % is not bound to service %', session_user, p_service
            USING ERRCODE = '42501',
                  HINT = format('An administrator: SELECT admin.bind_pod(%L, %L);', session_user, p_service);
    END IF;

    SELECT f.epoch, f.identity, s.seq INTO STRICT v_epoch, v_identity, v_seq
    FROM config.feed AS f
    LEFT JOIN config.feed_services AS s ON s.service = p_service;
    IF NOT pg_is_in_recovery() AND pg_current_xact_id_if_assigned() IS NULL THEN
        IF starts_with(v_identity, (SELECT h.mark || '/' FROM config.current_history AS h)) THEN
            v_now := pg_current_snapshot();
        END IF;
    END IF;
    RETURN QUERY
        SELECT v_epoch, v_seq, v_now, true,
               c.org_id, c.key, c.value, t.type, c.version, (extract(epoch FROM c.changed_at) * 1000000)::bigint
        FROM config.service_configs AS c
        LEFT JOIN LATERAL (
            SELECT k.type FROM config.key_schema AS k
            WHERE k.service = p_service AND k.key IN (c.key, '*')
            ORDER BY k.key = '*'
            LIMIT 1
        ) AS t ON true
        WHERE c.service = p_service AND (v_all OR c.org_id = ANY (v_orgs));
    IF NOT FOUND THEN
        RETURN QUERY SELECT v_epoch, v_seq, v_now, true,
                            NULL::bigint, NULL::text, NULL::text, NULL::text, NULL::bigint, NULL::bigint;
    END IF;
END
$$;

COMMENT ON FUNCTION api.pod_configs(text, bigint, pg_snapshot) IS
    'What a platform service holds in memory. Without arguments beside the service: everything (complete). With the epoch and snapshot of the last answer: what is new since. Always at least one row, whose org_id is NULL if there is nothing. A NULL snapshot (standby, unknown history) means: load completely next time. A NULL value is a tombstone. Organisation 0 is the platform, whose values hold where an organisation has none. changed_us: microseconds since 1970 by the database''s clock. 42501 if the login is not bound to the service. Example: SELECT * FROM api.pod_configs(''ai'');';
REVOKE EXECUTE ON FUNCTION api.pod_configs(text, bigint, pg_snapshot) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.pod_configs(text, bigint, pg_snapshot) TO ark_pod;
