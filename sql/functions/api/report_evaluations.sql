SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.report_evaluations(p_counts jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Applications ask api.flag of every flag, so they may tell of every flag.
    IF NOT pg_has_role(session_user, 'ark_app', 'USAGE')
        AND NOT EXISTS (SELECT FROM config.subscriptions AS s WHERE s.login = session_user AND s.service = 'features') THEN
        RAISE EXCEPTION 'login % is not bound to service features', session_user
            USING ERRCODE = '42501', HINT = format('An administrator: SELECT admin.bind_pod(%L, ''features'');', session_user);
    END IF;
    IF jsonb_typeof(p_counts) IS DISTINCT FROM 'object' OR EXISTS (
        SELECT FROM jsonb_each(p_counts) AS f
        WHERE CASE WHEN jsonb_typeof(f.value) <> 'object' THEN true
              ELSE EXISTS (SELECT FROM jsonb_each_text(f.value) AS v WHERE v.value !~ '^[0-9]{1,12}$') END
    ) THEN
        RAISE EXCEPTION 'the counts are not numbers by variant by flag' USING ERRCODE = '22023', HINT = '{"new-checkout": {"on": 120, "off": 7}}';
    END IF;
    -- In one order, so that pods that report at once do not wait for each other in a circle. What is no
    -- flag, or is one no more, is passed over.
    INSERT INTO config.flag_evaluations AS e (key, variant, evaluations)
    SELECT f.key, v.key, v.value::bigint
    FROM jsonb_each(p_counts) AS f
    JOIN config.service_configs AS c ON c.org_id = 0 AND c.service = 'features' AND c.key = f.key AND c.value IS NOT NULL
    CROSS JOIN LATERAL jsonb_each_text(f.value) AS v
    WHERE v.value::bigint > 0
      AND coalesce(CASE WHEN c.value LIKE '{%' THEN c.value::jsonb -> 'variants' END, '{"on": true, "off": false}') ? v.key
    ORDER BY f.key, v.key
    -- Nobody who reports nonsense takes admin.flags() away from others: what it adds up stays a bigint.
    ON CONFLICT (key, variant) DO UPDATE SET evaluations = least(e.evaluations + excluded.evaluations, 1000000000000000), last_at = clock_timestamp();
END
$$;

COMMENT ON FUNCTION api.report_evaluations(jsonb) IS
    'A pod, or an application that asks api.flag, tells how often it has evaluated flags since its last report: numbers by variant by flag. Every minute or so is enough: admin.stale_flags counts in days. 42501: the login is a pod''s that is not bound to the service features. 22023: something else. Example: SELECT api.report_evaluations(''{"new-checkout": {"on": 120, "off": 7}}'');';
REVOKE EXECUTE ON FUNCTION api.report_evaluations(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.report_evaluations(jsonb) TO ark_pod, ark_app;
