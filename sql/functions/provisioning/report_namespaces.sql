SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.report_namespaces(p_namespaces jsonb)
RETURNS TABLE (name text, uid text, found_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_org bigint;
BEGIN
    WITH stray AS MATERIALIZED (
        SELECT f.name, f.uid FROM provisioning.find_strays(p_namespaces) AS f
    ), gone AS (
        DELETE FROM provisioning.stray_namespaces AS s
        WHERE NOT EXISTS (SELECT FROM stray WHERE stray.name = s.name)
    )
    INSERT INTO provisioning.stray_namespaces AS s (name, uid)
    SELECT stray.name, stray.uid FROM stray
    ON CONFLICT (name) DO UPDATE
    SET uid = excluded.uid, seen_at = clock_timestamp(),
        found_at = CASE WHEN s.uid = excluded.uid THEN s.found_at ELSE clock_timestamp() END;
    PERFORM provisioning.report_task(
        'survey-namespaces',
        format('%s namespaces, %s stray', jsonb_array_length(p_namespaces), (SELECT count(*) FROM provisioning.stray_namespaces)),
        NULL);
    -- Ours, by the marks that it bears, and left behind: taken away, with all care of an undo.
    FOR v_org IN
        SELECT o.id FROM jsonb_to_recordset(p_namespaces) AS n (name text, operation_id text)
        JOIN core.organizations AS o ON o.operation_id::text = n.operation_id AND o.namespace = n.name
        WHERE o.status IN ('FAILED', 'DELETED')
        ORDER BY o.id
    LOOP
        PERFORM provisioning.enqueue(v_org, 'sweep');
    END LOOP;
    RETURN QUERY SELECT s.name, s.uid, s.found_at FROM provisioning.stray_namespaces AS s ORDER BY s.name;
END
$$;

COMMENT ON FUNCTION provisioning.report_namespaces(jsonb) IS
    'Takes the cluster''s namespaces, [{"name", "uid", "operation_id"}], and returns those with our prefix that no organisation owns. They are reported, never deleted, but for one that bears the operation id of an organisation which has FAILED or is DELETED: a late worker has made it, and its removal is queued (sweep). Example: SELECT * FROM provisioning.report_namespaces(''[{"name": "org-acme", "uid": "u"}]'');';
REVOKE EXECUTE ON FUNCTION provisioning.report_namespaces(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.report_namespaces(jsonb) TO ark_provisioner;
