SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.report_samples(
    p_resource text, p_end bigint, p_answer jsonb, p_step bigint DEFAULT NULL,
    OUT series bigint, OUT samples bigint, OUT written bigint, OUT unknown bigint, OUT warnings text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_query finops.usage_queries;
BEGIN
    -- Two who report at once: what the second replaces, the first has written.
    SELECT * INTO v_query FROM finops.usage_queries AS q WHERE q.resource = p_resource FOR UPDATE;
    IF NOT FOUND OR p_end IS NULL OR p_step <= 0 THEN
        RAISE EXCEPTION 'unknown resource %, or no end or step', quote_nullable(p_resource)
            USING ERRCODE = '22023', HINT = 'All as provisioning.usage_due() has said.';
    END IF;
    SELECT u.* INTO series, samples, written, unknown
    FROM finops.ingest_usage(p_answer, coalesce(make_interval(secs => p_step), v_query.step)) AS u;
    -- What Prometheus remarks on the query is no warning of its answer.
    SELECT string_agg(w, '; ') INTO warnings
    FROM jsonb_array_elements_text(CASE jsonb_typeof(p_answer -> 'warnings') WHEN 'array' THEN p_answer -> 'warnings' ELSE '[]' END) AS w
    WHERE NOT starts_with(w, 'PromQL info:');
    -- An empty answer is an answer, too: nobody has used anything. One with warnings may lack something: it is
    -- kept, and asked for again until it has none, or nobody expects more.
    UPDATE finops.usage_queries AS q
    SET ingested_until = greatest(q.ingested_until, least(to_timestamp(p_end), now() - CASE WHEN warnings IS NULL THEN interval '0' ELSE q.patience END))
    WHERE q.resource = p_resource;
END
$$;

COMMENT ON FUNCTION provisioning.report_samples(text, bigint, jsonb, bigint) IS
    'Reports Prometheus''s answer to a question of provisioning.usage_due(), as it is; p_end and p_step as asked, in seconds (since 1970). The next question begins there. Again the same changes nothing; samples of another step give way to those of this one. warnings: what Prometheus warns of, and the answer may lack: the same is asked again for a day. 22023: no such answer, or no resource. Example: SELECT * FROM provisioning.report_samples(''cpu'', 1764201600, ''{"status":"success","data":{"resultType":"matrix","result":[]}}'', 3600);';
REVOKE EXECUTE ON FUNCTION provisioning.report_samples(text, bigint, jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.report_samples(text, bigint, jsonb, bigint) TO ark_provisioner;
