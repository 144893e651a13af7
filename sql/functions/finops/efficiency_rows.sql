SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION finops.efficiency_rows(p_org_id bigint, p_from timestamptz, p_to timestamptz)
RETURNS TABLE (
    org_id bigint, resource text, unit text, quota numeric, used numeric, peak numeric, utilisation numeric, covered numeric,
    quota_hours numeric, idle_hours numeric, idle_cost numeric, currency text, advice text, proposed numeric)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
    WITH line AS MATERIALIZED (
        SELECT l.* FROM finops.bill_lines(p_org_id, p_from, p_to) AS l WHERE l.resource <> 'adjustment'
    ), sample AS MATERIALIZED (
        SELECT u.org_id, u.resource, u.used * r.units AS used, tstzrange(u.sampled_at - u.step, u.sampled_at) AS during
        FROM finops.usage_samples AS u
        JOIN finops.resources AS r ON r.resource = u.resource
        WHERE (p_org_id IS NULL OR u.org_id = p_org_id) AND u.sampled_at > p_from AND u.sampled_at - u.step < p_to
    ), met AS (
        SELECT l.org_id, l.resource, sum(m.seconds) AS seconds, sum(l.quantity * m.seconds) AS quota,
               sum(s.used * m.seconds) AS used, max(s.used) AS peak,
               -- Use above the quota, as of storage that was shrunk, does not make up for what is idle elsewhere.
               sum(greatest(l.quantity - s.used, 0) * m.seconds) AS idle,
               sum(greatest(l.quantity - s.used, 0) * m.seconds * l.price) AS idle_cost
        FROM line AS l
        JOIN sample AS s ON s.org_id = l.org_id AND s.resource = l.resource AND s.during && l.during
        CROSS JOIN LATERAL (
            SELECT extract(epoch FROM upper(s.during * l.during) - lower(s.during * l.during)) AS seconds) AS m
        GROUP BY l.org_id, l.resource
    ), billed AS (
        SELECT l.org_id, l.resource, l.unit, sum(l.seconds) AS seconds, sum(l.quantity * l.seconds) AS quota,
               (array_agg(l.quantity ORDER BY l.during DESC))[1] AS last_quota,
               CASE WHEN count(DISTINCT l.currency) = 1 AND bool_and(l.price IS NOT NULL) THEN min(l.currency) END AS currency
        FROM line AS l
        GROUP BY l.org_id, l.resource, l.unit
    )
    SELECT b.org_id, b.resource, b.unit, b.last_quota, round(m.used / m.seconds, 6), round(m.peak, 6),
           round(m.used / nullif(m.quota, 0), 4), round(coalesce(m.seconds, 0) / b.seconds, 4),
           finops.rounded(b.quota, 6), finops.rounded(m.idle, 6),
           CASE WHEN b.currency IS NOT NULL THEN finops.rounded(m.idle_cost, 2) END, b.currency, a.advice, a.proposed
    FROM billed AS b
    LEFT JOIN met AS m ON m.org_id = b.org_id AND m.resource = b.resource
    LEFT JOIN finops.advice_rules AS r ON r.resource = b.resource
    CROSS JOIN LATERAL (SELECT greatest(1, ceil(m.peak * (1 + r.headroom))) AS quota) AS w
    CROSS JOIN LATERAL (
        SELECT CASE
                   WHEN m.seconds IS NULL OR m.seconds / b.seconds < r.covered THEN 'no data'
                   WHEN m.peak > b.last_quota * r.grow_above AND w.quota > b.last_quota THEN 'grow'
                   WHEN m.peak < b.last_quota * r.shrink_below AND w.quota < b.last_quota THEN 'shrink'
                   ELSE 'keep' END AS advice
    ) AS d
    CROSS JOIN LATERAL (SELECT d.advice, CASE WHEN d.advice IN ('grow', 'shrink') THEN w.quota END AS proposed) AS a
$$;

COMMENT ON FUNCTION finops.efficiency_rows(bigint, timestamptz, timestamptz) IS
    'Quota against use, of one organisation or of all (NULL), as api.efficiency explains.';
REVOKE EXECUTE ON FUNCTION finops.efficiency_rows(bigint, timestamptz, timestamptz) FROM PUBLIC;
