SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.redrive(p_reason text, p_kind text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_job   bigint;
    v_count bigint := 0;
BEGIN
    PERFORM core.require_reason(p_reason);
    IF p_kind IS NOT NULL AND NOT EXISTS (SELECT FROM provisioning.kinds AS k WHERE k.kind = p_kind) THEN
        RAISE EXCEPTION 'there are no jobs of the kind %', quote_literal(p_kind)
            USING ERRCODE = '22023', HINT = 'The kinds are: ' || (SELECT string_agg(k.kind, ', ' ORDER BY k.kind) FROM provisioning.kinds AS k);
    END IF;
    FOR v_job IN
        SELECT j.job_id
        FROM provisioning.jobs AS j
        JOIN core.organizations AS o ON o.id = j.org_id
        JOIN provisioning.kinds AS k ON k.kind = j.kind
        WHERE j.state = 'failed' AND j.error_code IS DISTINCT FROM 'cancelled'
          AND (p_kind IS NULL OR j.kind = p_kind)
          AND CASE j.kind
                  WHEN 'create' THEN o.status = 'FAILED'
                      AND NOT EXISTS (
                          SELECT FROM core.organizations AS n
                          WHERE lower(n.slug) = lower(o.slug) AND n.status NOT IN ('FAILED', 'DELETED'))
                  ELSE o.status = ANY (k.statuses)
              END
        ORDER BY j.org_id, j.job_id
    LOOP
        PERFORM admin.retry_job(v_job, p_reason);
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;

COMMENT ON FUNCTION admin.redrive(text, text) IS
    'Has every job tried again that was given up, of one kind or of all, unless it was cancelled or its organisation''s slug is taken; returns how many. 22023: no reason, or no such kind. P0002, 55000, 23505: somebody else was at a job meanwhile, and none is redriven: once more. AR422: the reason holds what looks like a secret. Example: SELECT admin.redrive(''the cluster has room again'');';
REVOKE EXECUTE ON FUNCTION admin.redrive(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.redrive(text, text) TO ark_dba;
