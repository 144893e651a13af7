SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.flags()
RETURNS TABLE (
    key text, state text, description text, owner text, rules integer, variants text, prerequisites text,
    organisations bigint, version bigint, changed_at timestamptz, evaluations bigint, last_evaluated_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.key,
           CASE WHEN f.flag -> 'killed' = 'true' THEN 'killed'
                WHEN f.flag = 'false' OR f.flag -> 'enabled' = 'false' THEN 'disabled'
                WHEN n.now < (f.flag ->> 'from') THEN 'to come'
                WHEN n.now >= (f.flag ->> 'until') THEN 'over'
                ELSE 'on' END,
           k.description, k.owner, jsonb_array_length(coalesce(f.flag -> 'rules', '[]')),
           (SELECT string_agg(v, ', ' ORDER BY v) FROM jsonb_object_keys(coalesce(f.flag -> 'variants', '{"on": 1, "off": 0}')) AS v),
           (SELECT string_agg(format('%s = %s', p ->> 'flag', p ->> 'variant'), ', ') FROM jsonb_array_elements(f.flag -> 'prerequisites') AS p),
           (SELECT count(*) FROM config.service_configs AS o WHERE o.org_id <> 0 AND o.service = 'features' AND o.key = c.key AND o.value IS NOT NULL),
           c.version, c.changed_at, coalesce(e.evaluations, 0), e.last_at
    FROM config.service_configs AS c
    CROSS JOIN LATERAL (SELECT c.value::jsonb AS flag) AS f
    CROSS JOIN LATERAL (SELECT to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') COLLATE "C" AS now) AS n
    LEFT JOIN config.key_schema AS k ON k.service = 'features' AND k.key = c.key
    LEFT JOIN LATERAL (
        SELECT sum(v.evaluations)::bigint AS evaluations, max(v.last_at) AS last_at FROM config.flag_evaluations AS v WHERE v.key = c.key
    ) AS e ON true
    WHERE c.org_id = 0 AND c.service = 'features' AND c.value IS NOT NULL
    ORDER BY c.key
$$;

COMMENT ON FUNCTION admin.flags() IS
    'Every feature flag: its state, who answers for it, how many rules it has, what it needs, how many organisations have chosen for themselves, when it was changed and evaluated last. Example: SELECT key, state, variants, evaluations FROM admin.flags();';
REVOKE EXECUTE ON FUNCTION admin.flags() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.flags() TO ark_dba, ark_monitor, ark_auditor;
