SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

-- Everything is a range of time; a line is where they meet. Seconds are numeric, to the microsecond, and
-- quantities decimal, so that quantity * seconds * price is exact: nothing is divided here.
CREATE OR REPLACE FUNCTION finops.bill_lines(p_org_id bigint, p_from timestamptz, p_to timestamptz)
RETURNS TABLE (
    org_id bigint, resource text, status text, during tstzrange, quantity numeric, unit text,
    seconds numeric, price numeric, currency text, exact numeric, note text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
-- Compiling the large statement takes longer than running it.
SET jit = off
AS $$
    WITH asked AS (
        -- What has not come yet is not billed.
        SELECT CASE WHEN p_from < least(p_to, now()) THEN tstzrange(p_from, least(p_to, now())) ELSE 'empty' END AS during
    ), org AS MATERIALIZED (
        -- Before it was committed nobody could use anything.
        SELECT o.id, o.committed_at FROM core.organizations AS o, asked AS a
        WHERE o.committed_at < upper(a.during) AND (p_org_id IS NULL OR o.id = p_org_id)
    ), status AS (
        SELECT s.org_id, s.status, tstzrange(s.at, lead(s.at) OVER (PARTITION BY s.org_id ORDER BY s.at, s.n)) AS during
        FROM (
            SELECT o.id, 'COMMITTED', o.committed_at, 0 FROM org AS o
            UNION ALL
            SELECT e.org_id, e.detail ->> 'new', e.occurred_at, e.event_id
            FROM org AS o
            JOIN core.organization_events AS e ON e.org_id = o.id AND e.what = 'status' AND e.occurred_at >= o.committed_at
        ) AS s (org_id, status, at, n)
    ), newest AS (
        -- As finops.effective_quota: the newest of the requests that were effective by then.
        SELECT q.org_id, q.effective_at, max(q.change_id) OVER (PARTITION BY q.org_id ORDER BY q.effective_at, q.change_id) AS change_id
        FROM finops.quota_changes AS q
        JOIN org AS o ON o.id = q.org_id
    ), quota AS (
        SELECT n.org_id, n.change_id,
               tstzrange(min(n.effective_at), lead(min(n.effective_at)) OVER (PARTITION BY n.org_id ORDER BY n.change_id)) AS during
        FROM newest AS n
        GROUP BY n.org_id, n.change_id
    ), used AS MATERIALIZED (
        SELECT q.org_id, r.resource, s.status, s.during * q.during * a.during AS during, r.unit, q.change_id,
               finops.quantity(CASE r.resource WHEN 'cpu' THEN c.cpu WHEN 'memory' THEN c.memory ELSE c.storage END) * r.units AS quantity
        FROM quota AS q
        JOIN asked AS a ON a.during && q.during
        JOIN finops.quota_changes AS c ON c.org_id = q.org_id AND c.change_id = q.change_id
        JOIN status AS s ON s.org_id = q.org_id AND s.during && (q.during * a.during)
        JOIN finops.resources AS r ON s.status = ANY (r.billed_in)
    ), price AS MATERIALIZED (
        SELECT p.resource, p.valid, p.price, p.currency FROM finops.prices AS p
        UNION ALL
        -- What has no price is told, not passed over.
        SELECT r.resource,
               unnest(tstzmultirange(tstzrange(NULL, NULL)) - coalesce(
                   (SELECT range_agg(p.valid) FROM finops.prices AS p WHERE p.resource = r.resource), '{}')),
               NULL, NULL
        FROM finops.resources AS r
    )
    SELECT u.org_id, u.resource, u.status, l.during, trim_scale(u.quantity), u.unit, l.seconds,
           p.price, p.currency, u.quantity * l.seconds * p.price, NULL
    FROM used AS u
    JOIN price AS p ON p.resource = u.resource AND p.valid && u.during
    CROSS JOIN LATERAL (
        SELECT u.during * p.valid AS during,
               extract(epoch FROM upper(u.during * p.valid) - lower(u.during * p.valid)) AS seconds) AS l
    UNION ALL
    SELECT j.org_id, 'adjustment', NULL, tstzrange(j.booked_at, j.booked_at, '[]'), NULL, NULL, NULL,
           NULL, j.currency, j.amount * 3600, j.reason
    FROM finops.adjustments AS j, asked AS a
    WHERE j.booked_at <@ a.during AND (p_org_id IS NULL OR j.org_id = p_org_id)
$$;

COMMENT ON FUNCTION finops.bill_lines(bigint, timestamptz, timestamptz) IS
    'The lines of a bill, of one organisation or of all (NULL): one for each resource and range of time with one status, one quota and one price; and the adjustments that were booked in it. exact: quantity * seconds * price, which finops.rounded divides by 3600. price is NULL where none is set.';
REVOKE EXECUTE ON FUNCTION finops.bill_lines(bigint, timestamptz, timestamptz) FROM PUBLIC;
