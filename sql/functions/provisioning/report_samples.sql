SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.report_samples(
    p_resource text, p_end bigint, p_answer jsonb,
    OUT series bigint, OUT samples bigint, OUT written bigint, OUT unknown bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT u.* INTO series, samples, written, unknown FROM finops.ingest_usage(p_answer) AS u;
    -- An empty answer is an answer, too: nobody has used anything.
    UPDATE finops.usage_queries AS q
    SET ingested_until = greatest(q.ingested_until, least(to_timestamp(p_end), now()))
    WHERE q.resource = p_resource;
    IF NOT FOUND OR p_end IS NULL THEN
        RAISE EXCEPTION 'unknown resource % or no end', quote_nullable(p_resource)
            USING ERRCODE = '22023', HINT = 'Both as provisioning.usage_due() has said.';
    END IF;
END
$$;

COMMENT ON FUNCTION provisioning.report_samples(text, bigint, jsonb) IS
    'Reports Prometheus''s answer to a question of provisioning.usage_due(), as it is; p_end as asked, in seconds since 1970. The next question begins there. Again the same changes nothing. 22023: no such answer, or no resource. Example: SELECT * FROM provisioning.report_samples(''cpu'', 1764201600, ''{"status":"success","data":{"resultType":"matrix","result":[]}}'');';
REVOKE EXECUTE ON FUNCTION provisioning.report_samples(text, bigint, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.report_samples(text, bigint, jsonb) TO ark_provisioner;
