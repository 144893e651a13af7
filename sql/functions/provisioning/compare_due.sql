SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.compare_due(p_batch integer DEFAULT 500) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org   bigint;
    v_count bigint := 0;
BEGIN
    -- Lanes in somebody's hands are passed over, not waited for: their turn comes.
    FOR v_org IN
        SELECT l.org_id
        FROM provisioning.lanes AS l
        JOIN core.organizations AS o ON o.id = l.org_id AND o.status IN ('COMMITTED', 'SUSPENDED')
        JOIN provisioning.plans AS p ON p.plan = o.plan
        WHERE coalesce(l.compared_at, o.committed_at) < clock_timestamp() - p.compare_every
        ORDER BY l.compared_at NULLS FIRST
        LIMIT p_batch
        FOR UPDATE OF l SKIP LOCKED
    LOOP
        PERFORM provisioning.enqueue(v_org, 'compare');
        UPDATE provisioning.lanes AS l SET compared_at = clock_timestamp() WHERE l.org_id = v_org;
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;

COMMENT ON FUNCTION provisioning.compare_due(integer) IS
    'Queues the comparison of tenants whose last one is older than provisioning.plans.compare_every; returns how many.';
REVOKE EXECUTE ON FUNCTION provisioning.compare_due(integer) FROM PUBLIC;
