SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION finops.ingest_usage(
    p_answer jsonb, p_step interval DEFAULT NULL,
    OUT series bigint, OUT samples bigint, OUT written bigint, OUT unknown bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_wrong text;
BEGIN
    IF p_answer ->> 'status' IS DISTINCT FROM 'success' OR p_answer #>> '{data,resultType}' IS DISTINCT FROM 'matrix' THEN
        RAISE EXCEPTION 'no answer of /api/v1/query_range: %', left(coalesce(p_answer ->> 'error', p_answer::text, 'NULL'), 200)
            USING ERRCODE = '22023';
    END IF;
    SELECT format('namespace %s, resource %s', coalesce(s.namespace, '-'), coalesce(s.resource, '-')) INTO v_wrong
    FROM (
        SELECT r.metric ->> 'namespace' AS namespace, r.metric ->> 'resource' AS resource, count(*) AS n
        FROM jsonb_to_recordset(p_answer #> '{data,result}') AS r (metric jsonb)
        GROUP BY 1, 2) AS s
    WHERE s.n > 1 OR s.namespace IS NULL
       OR NOT EXISTS (SELECT FROM finops.usage_queries AS q WHERE q.resource = s.resource)
    LIMIT 1;
    IF v_wrong IS NOT NULL THEN
        RAISE EXCEPTION 'a series for each namespace and resource is expected: %', v_wrong
            USING ERRCODE = '22023', HINT = 'The query of finops.usage_queries ends in sum by (namespace), with the label resource.';
    END IF;

    WITH sample AS MATERIALIZED (
        SELECT s.metric ->> 'namespace' AS namespace, s.metric ->> 'resource' AS resource,
               to_timestamp((v.value ->> 0)::numeric) AS sampled_at, (v.value ->> 1) AS used
        FROM jsonb_to_recordset(p_answer #> '{data,result}') AS s (metric jsonb, "values" jsonb),
             jsonb_array_elements(s."values") AS v (value)
    ), owner AS (
        -- A slug is free again after a deletion: whose namespace it was is a question of time.
        SELECT o.id, o.namespace, tstzrange(o.committed_at, lead(o.committed_at) OVER (PARTITION BY o.namespace ORDER BY o.committed_at)) AS during
        FROM core.organizations AS o
        WHERE o.committed_at IS NOT NULL
    ), owned AS MATERIALIZED (
        -- The step that was asked for: the query's may be another one by now.
        SELECT o.id, s.*, coalesce(p_step, q.step) AS step, s.used ~ '^[0-9]' AS is_use
        FROM sample AS s
        JOIN finops.usage_queries AS q ON q.resource = s.resource
        LEFT JOIN owner AS o ON o.namespace = s.namespace AND o.during @> s.sampled_at
    ), replaced AS (
        -- Samples of another step, of the same time: both would be counted. (The OFFSET keeps it a look-up by
        -- the key for each new sample.)
        DELETE FROM finops.usage_samples AS u
        WHERE u.ctid = ANY (ARRAY(
            SELECT b.ctid
            FROM owned AS o
            CROSS JOIN LATERAL (
                SELECT a.ctid, a.sampled_at FROM finops.usage_samples AS a
                WHERE a.org_id = o.id AND a.resource = o.resource AND a.sampled_at <> o.sampled_at
                  AND a.sampled_at > o.sampled_at - o.step AND a.sampled_at < o.sampled_at + interval '1 day'
                  AND a.sampled_at - a.step < o.sampled_at
                OFFSET 0) AS b
            WHERE o.is_use AND NOT EXISTS (
                SELECT FROM owned AS n WHERE n.id = o.id AND n.resource = o.resource AND n.sampled_at = b.sampled_at AND n.is_use)))
    ), kept AS (
        -- NaN and Inf: a quotient that has no value, which is no use.
        INSERT INTO finops.usage_samples AS u (org_id, resource, sampled_at, step, used)
        SELECT o.id, o.resource, o.sampled_at, o.step, o.used::numeric
        FROM owned AS o
        WHERE o.id IS NOT NULL AND o.is_use
        ON CONFLICT (org_id, resource, sampled_at) DO UPDATE SET used = excluded.used, step = excluded.step
        WHERE (u.used, u.step) IS DISTINCT FROM (excluded.used, excluded.step)
        RETURNING 1
    )
    SELECT (SELECT jsonb_array_length(p_answer #> '{data,result}')), count(*), (SELECT count(*) FROM kept),
           count(*) FILTER (WHERE o.id IS NULL)
    INTO series, samples, written, unknown
    FROM owned AS o;
END
$$;

COMMENT ON FUNCTION finops.ingest_usage(jsonb, interval) IS
    'Keeps the samples of an answer of Prometheus (GET /api/v1/query_range) as it is, which was asked for with the step p_step (NULL: the query''s). Again the same changes nothing; a later answer corrects an earlier one, and takes the place of samples of another step, so that no time is counted twice. written: new or changed; unknown: of namespaces that no organisation had at that time. 22023: no such answer, or not one series for each namespace and resource.';
REVOKE EXECUTE ON FUNCTION finops.ingest_usage(jsonb, interval) FROM PUBLIC;
