SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION finops.mirror_due_quotas() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_now   timestamptz := clock_timestamp();
    v_quota finops.quota_changes;
    v_count bigint := 0;
BEGIN
    FOR v_quota IN
        SELECT e.*
        FROM (
            SELECT DISTINCT q.org_id FROM finops.quota_changes AS q
            JOIN core.organizations AS o ON o.id = q.org_id AND o.status NOT IN ('FAILED', 'DELETING', 'DELETED')
            WHERE q.effective_at > q.recorded_at + interval '1 second' AND q.effective_at <= v_now) AS d,
            finops.effective_quota(d.org_id, v_now) AS e
        WHERE NOT EXISTS (
            SELECT FROM config.service_configs AS c WHERE c.org_id = e.org_id AND c.service = 'quota'
            HAVING max(c.value) FILTER (WHERE c.key = 'cpu') = e.cpu
               AND max(c.value) FILTER (WHERE c.key = 'memory') = e.memory
               AND max(c.value) FILTER (WHERE c.key = 'storage') = e.storage)
        ORDER BY d.org_id
    LOOP
        PERFORM finops.mirror_quota(v_quota);
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;

COMMENT ON FUNCTION finops.mirror_due_quotas() IS
    'Mirrors the quotas that were asked for a time that has come by now; returns how many.';
REVOKE EXECUTE ON FUNCTION finops.mirror_due_quotas() FROM PUBLIC;
