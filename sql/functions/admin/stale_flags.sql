SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.stale_flags(p_days integer DEFAULT 30)
RETURNS TABLE (key text, why text, owner text, changed_at timestamptz, last_evaluated_at timestamptz, evaluations bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_since timestamptz;
BEGIN
    IF p_days IS NULL OR p_days NOT BETWEEN 0 AND 100000 THEN
        RAISE EXCEPTION '% are no days', coalesce(p_days::text, 'NULL') USING ERRCODE = '22023';
    END IF;
    v_since := statement_timestamp() - make_interval(days => p_days);
    RETURN QUERY
        SELECT f.key,
               concat_ws(', ',
                   -- A flag that is younger has had no time to be evaluated. Whether it was by api.flag, nobody
                   -- knows: a function that may run on a standby writes nothing.
                   CASE WHEN coalesce(f.last_evaluated_at, b.came_at) < v_since THEN 'no evaluation reported' END,
                   CASE WHEN f.changed_at < v_since THEN 'not changed' END,
                   CASE WHEN f.changed_at < v_since AND f.last_evaluated_at >= v_since AND (
                       SELECT count(*) FROM config.flag_evaluations AS e WHERE e.key = f.key AND e.last_at >= v_since) = 1
                       THEN 'always ' || (SELECT e.variant FROM config.flag_evaluations AS e WHERE e.key = f.key AND e.last_at >= v_since) END,
                   CASE f.state WHEN 'over' THEN 'over' END),
               f.owner, f.changed_at, f.last_evaluated_at, f.evaluations
        FROM admin.flags() AS f
        -- Since when it is there, whatever has been changed of it since: defined first, or anew after it was removed.
        LEFT JOIN (
            SELECT h.key, max(h.changed_at) AS at FROM config.config_history AS h
            WHERE h.org_id = 0 AND h.service = 'features' AND h.old_value IS NULL AND h.new_value IS NOT NULL
            GROUP BY h.key) AS i ON i.key = f.key
        CROSS JOIN LATERAL (SELECT least(f.changed_at, i.at) AS came_at) AS b
        WHERE f.changed_at < v_since OR coalesce(f.last_evaluated_at, b.came_at) < v_since OR f.state = 'over'
        ORDER BY coalesce(f.last_evaluated_at, b.came_at), f.key;
END
$$;

COMMENT ON FUNCTION admin.stale_flags(integer) IS
    'Flags of which no evaluation was reported (of one that was never evaluated: since it is there), or that nobody has changed, for so many days, and those whose time is over: where to ask whether the code still needs them, before it is taken out there and then here (admin.remove_flag). always: every evaluation that was reported came to one variant. Pods that use HotConfig report by themselves; api.flag, which only reads, counts nothing: a flag that is asked by it alone is in use without a report, unless the application makes one (api.report_evaluations). 22023: no days. Example: SELECT key, why, owner FROM admin.stale_flags(90);';
REVOKE EXECUTE ON FUNCTION admin.stale_flags(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.stale_flags(integer) TO ark_dba, ark_monitor, ark_auditor;
