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
    v_all      boolean;
    v_orgs     bigint[];
    v_epoch    bigint;
    v_identity text;
    v_seq      bigint;
    v_now      pg_snapshot;
    v_full     boolean := true;
BEGIN
    -- The platform's own values, of organisation 0, are everybody's defaults.
    SELECT bool_or(s.org_id IS NULL), array_agg(s.org_id) || 0::bigint INTO v_all, v_orgs
    FROM config.subscriptions AS s
    WHERE s.login = session_user AND s.service = p_service;
    IF v_all IS NULL THEN
        RAISE EXCEPTION 'login % is not bound to service %', session_user, p_service
            USING ERRCODE = '42501',
                  HINT = format('An administrator: SELECT admin.bind_pod(%L, %L);', session_user, p_service);
    END IF;

    SELECT f.epoch, f.identity, s.seq INTO STRICT v_epoch, v_identity, v_seq
    FROM config.feed AS f
    LEFT JOIN config.feed_services AS s ON s.service = p_service;

    -- A snapshot is worth something only on the primary, in the history that the feed knows, and
    -- in a transaction that has written nothing. Elsewhere every load is complete.
    IF NOT pg_is_in_recovery() AND pg_current_xact_id_if_assigned() IS NULL THEN
        IF config.database_identity() = v_identity THEN
            v_now := pg_current_snapshot();
            v_full := p_since IS NULL OR p_epoch IS DISTINCT FROM v_epoch;
        END IF;
    END IF;

    -- Two statements: a thousand pods ask at once for what is new, and of two plans the smaller one starts
    -- sooner.
    IF v_full THEN
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
    ELSE
        RETURN QUERY
            SELECT v_epoch, v_seq, v_now, false,
                   c.org_id, c.key, c.value, t.type, c.version, (extract(epoch FROM c.changed_at) * 1000000)::bigint
            FROM (
                SELECT n.* FROM config.service_configs AS n
                WHERE n.xid >= pg_snapshot_xmax(p_since) AND n.xid < pg_snapshot_xmax(v_now)
                UNION ALL
                SELECT n.* FROM config.service_configs AS n
                WHERE n.xid = ANY (ARRAY(SELECT x FROM pg_snapshot_xip(p_since) AS x))
            ) AS c
            LEFT JOIN LATERAL (
                SELECT k.type FROM config.key_schema AS k
                WHERE k.service = p_service AND k.key IN (c.key, '*')
                ORDER BY k.key = '*'
                LIMIT 1
            ) AS t ON true
            WHERE c.service = p_service AND (v_all OR c.org_id = ANY (v_orgs));
    END IF;
    IF NOT FOUND THEN
        RETURN QUERY SELECT v_epoch, v_seq, v_now, v_full,
                            NULL::bigint, NULL::text, NULL::text, NULL::text, NULL::bigint, NULL::bigint;
    END IF;
END
$$;

COMMENT ON FUNCTION api.pod_configs(text, bigint, pg_snapshot) IS
    'What a platform service holds in memory. Without arguments beside the service: everything (complete). With the epoch and snapshot of the last answer: what is new since. Always at least one row, whose org_id is NULL if there is nothing. A NULL snapshot (standby, unknown history) means: load completely next time. A NULL value is a tombstone. Organisation 0 is the platform, whose values hold where an organisation has none. changed_us: microseconds since 1970 by the database''s clock. 42501 if the login is not bound to the service. Example: SELECT * FROM api.pod_configs(''ai'');';
REVOKE EXECUTE ON FUNCTION api.pod_configs(text, bigint, pg_snapshot) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.pod_configs(text, bigint, pg_snapshot) TO ark_pod;
