SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.forget_jobs(p_batch integer DEFAULT 1000) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_count bigint;
BEGIN
    -- Oldest first, so that the index ends the search. What failed and can be redriven is kept.
    WITH old AS MATERIALIZED (
        SELECT j.org_id, j.job_id
        FROM provisioning.jobs AS j
        JOIN provisioning.kinds AS k ON k.kind = j.kind
        JOIN core.organizations AS o ON o.id = j.org_id
        WHERE j.finished_at < clock_timestamp() - (SELECT min(m.retention) FROM provisioning.kinds AS m)
          AND j.finished_at < clock_timestamp() - k.retention
          AND (j.state = 'done' OR j.error_code = 'cancelled' OR o.status IN ('FAILED', 'DELETED'))
        ORDER BY j.finished_at
        LIMIT p_batch
        FOR UPDATE OF j SKIP LOCKED
    ), steps AS (
        DELETE FROM provisioning.steps AS s USING old WHERE s.org_id = old.org_id AND s.job_id = old.job_id
    )
    DELETE FROM provisioning.jobs AS j USING old WHERE j.org_id = old.org_id AND j.job_id = old.job_id;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

COMMENT ON FUNCTION provisioning.forget_jobs(integer) IS
    'Deletes a batch of jobs that are finished for longer than their kind is kept, with the record of their steps; returns how many. What was given up, and may be redriven, stays.';
REVOKE EXECUTE ON FUNCTION provisioning.forget_jobs(integer) FROM PUBLIC;
