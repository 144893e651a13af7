SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION finops.forget_usage(p_limit integer DEFAULT 10000) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_count bigint;
BEGIN
    DELETE FROM finops.usage_samples AS u
    WHERE u.ctid = ANY (ARRAY(
        SELECT o.ctid FROM finops.usage_samples AS o
        JOIN finops.usage_queries AS q ON q.resource = o.resource
        WHERE o.sampled_at < now() - (SELECT min(k.kept) FROM finops.usage_queries AS k) AND o.sampled_at < now() - q.kept
        LIMIT p_limit));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

COMMENT ON FUNCTION finops.forget_usage(integer) IS
    'Deletes up to p_limit samples that are older than finops.usage_queries keeps them; returns how many.';
REVOKE EXECUTE ON FUNCTION finops.forget_usage(integer) FROM PUBLIC;
