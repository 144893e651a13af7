SET LOCAL ROLE ark_system;

-- By snapshots, like api.pod_configs: by time or by number, what a slower transaction commits late would
-- be missed.
CREATE OR REPLACE FUNCTION api.denied_tokens(p_epoch bigint DEFAULT NULL, p_since pg_snapshot DEFAULT NULL)
RETURNS TABLE (epoch bigint, snapshot pg_snapshot, complete boolean, jti uuid, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_epoch    bigint;
    v_identity text;
    v_now      pg_snapshot;
    v_full     boolean := true;
BEGIN
    SELECT f.epoch, f.identity INTO STRICT v_epoch, v_identity FROM config.feed AS f;
    IF NOT pg_is_in_recovery() AND pg_current_xact_id_if_assigned() IS NULL THEN
        IF config.database_identity() = v_identity THEN
            v_now := pg_current_snapshot();
            v_full := p_since IS NULL OR p_epoch IS DISTINCT FROM v_epoch;
        END IF;
    END IF;
    IF v_full THEN
        RETURN QUERY
            SELECT v_epoch, v_now, true, d.jti, d.expires_at FROM auth.jti_denylist AS d
            WHERE d.expires_at > statement_timestamp();
    ELSE
        RETURN QUERY
            SELECT v_epoch, v_now, false, d.jti, d.expires_at
            FROM auth.jti_denylist AS d
            WHERE d.xid >= pg_snapshot_xmin(p_since) AND NOT pg_visible_in_snapshot(d.xid, p_since)
              AND d.expires_at > statement_timestamp();
    END IF;
    IF NOT FOUND THEN
        RETURN QUERY SELECT v_epoch, v_now, v_full, NULL::uuid, NULL::timestamptz;
    END IF;
END
$$;

COMMENT ON FUNCTION api.denied_tokens(bigint, pg_snapshot) IS
    'The denylist, for whoever holds a copy of it. Without arguments: everything that has not expired (complete). With the epoch and snapshot of the last answer: what is new since, none of it missed. Always at least one row, whose jti is NULL if there is nothing. A NULL snapshot (standby, unknown history): load completely next time. NOTIFY jti_denylist tells when to ask. Example: SELECT * FROM api.denied_tokens();';
REVOKE EXECUTE ON FUNCTION api.denied_tokens(bigint, pg_snapshot) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.denied_tokens(bigint, pg_snapshot) TO ark_gateway, ark_dba;
