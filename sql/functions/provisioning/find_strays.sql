SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.find_strays(p_namespaces jsonb)
RETURNS TABLE (name text, uid text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    -- An organisation that is being made has no uid yet; of one that failed or was deleted, nothing
    -- may be left.
    RETURN QUERY
        SELECT n.name, n.uid FROM jsonb_to_recordset(p_namespaces) AS n (name text, uid text)
        WHERE n.name LIKE 'org-%' AND NOT EXISTS (
            SELECT FROM core.organizations AS o
            WHERE o.namespace = n.name AND o.status NOT IN ('FAILED', 'DELETED')
              AND (o.namespace_uid IS NULL OR o.namespace_uid = n.uid))
        ORDER BY n.name;
END
$$;

COMMENT ON FUNCTION provisioning.find_strays(jsonb) IS
    'Which of the cluster''s namespaces, [{"name", "uid"}], have our prefix and no organisation that owns them; records nothing. Example: SELECT * FROM provisioning.find_strays(''[{"name": "org-acme", "uid": "u"}]'');';
REVOKE EXECUTE ON FUNCTION provisioning.find_strays(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.find_strays(jsonb) TO ark_provisioner;
