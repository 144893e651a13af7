SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION provisioning.usage_due()
RETURNS TABLE (resource text, query text, "start" bigint, "end" bigint, step bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT d.resource, d.query, d.first, least(d.last, d.first + (d.points - 1) * d.step), d.step
    FROM (
        -- At multiples of the step, also where another step ended between two of them.
        SELECT q.resource, replace(q.query, '$step', w.step || 's') AS query, w.step,
               div(extract(epoch FROM coalesce(q.ingested_until, now() - q.backfill)), w.step)::bigint * w.step + w.step AS first,
               div(extract(epoch FROM now() - q.delay), w.step)::bigint * w.step AS last,
               -- An answer of some ten megabytes, however many organisations there are.
               least(11000, greatest(1, 500000 / greatest(1, (SELECT count(*) FROM core.organizations AS o WHERE o.committed_at IS NOT NULL)))) AS points
        FROM finops.usage_queries AS q
        CROSS JOIN LATERAL (SELECT extract(epoch FROM q.step)::bigint AS step) AS w) AS d
    WHERE d.first <= d.last
    ORDER BY d.resource
$$;

COMMENT ON FUNCTION provisioning.usage_due() IS
    'What Prometheus is to be asked now: the parameters of GET /api/v1/query_range, times in seconds since 1970, at most 11,000 points for each series, as Prometheus allows, and half a million samples of all organisations. The answer goes to provisioning.report_samples, and then there may be more to ask. Example: SELECT * FROM provisioning.usage_due();';
REVOKE EXECUTE ON FUNCTION provisioning.usage_due() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.usage_due() TO ark_provisioner;
