SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.stale_flags(p_days integer DEFAULT 30)
RETURNS TABLE (key text, why text, owner text, changed_at timestamptz, last_evaluated_at timestamptz, evaluations bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_since timestamptz;
BEGIN
    IF p_days IS NULL OR p_days < 0 THEN
        RAISE EXCEPTION '% are no days', coalesce(p_days::text, 'NULL') USING ERRCODE = '22023';
    END IF;
    v_since := statement_timestamp() - make_interval(days => p_days);
    RETURN QUERY
        SELECT f.key,
               concat_ws(', ',
                   -- A flag that is younger has had no time to be evaluated.
                   CASE WHEN f.last_evaluated_at < v_since OR (f.last_evaluated_at IS NULL AND f.changed_at < v_since) THEN 'not evaluated' END,
                   CASE WHEN f.changed_at < v_since THEN 'not changed' END,
                   CASE WHEN f.changed_at < v_since AND f.last_evaluated_at >= v_since AND (
                       SELECT count(*) FROM config.flag_evaluations AS e WHERE e.key = f.key AND e.last_at >= v_since) = 1
                       THEN 'always ' || (SELECT e.variant FROM config.flag_evaluations AS e WHERE e.key = f.key AND e.last_at >= v_since) END,
                   CASE f.state WHEN 'over' THEN 'over' END),
               f.owner, f.changed_at, f.last_evaluated_at, f.evaluations
        FROM admin.flags() AS f
        WHERE f.changed_at < v_since OR f.last_evaluated_at < v_since OR f.state = 'over'
        ORDER BY coalesce(f.last_evaluated_at, f.changed_at), f.key;
END
$$;

COMMENT ON FUNCTION admin.stale_flags(integer) IS
    'Flags that nobody has evaluated, or changed, for so many days, and those whose time is over: candidates to be taken out of the code, and then away (admin.remove_flag). always: every evaluation came to one variant. Evaluations are those that pods report. 22023: no days. Example: SELECT key, why, owner FROM admin.stale_flags(90);';
REVOKE EXECUTE ON FUNCTION admin.stale_flags(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.stale_flags(integer) TO ark_dba, ark_monitor, ark_auditor;
