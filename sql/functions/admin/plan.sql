SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.plan(p_org text)
RETURNS TABLE (step text, kind text, name text, object jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT p.step, p.object ->> 'kind', p.object #>> '{metadata,name}', p.object
        FROM provisioning.plan_objects(p_org) AS p;
END
$$;

COMMENT ON FUNCTION admin.plan(text) IS
    'The objects of an organisation, named by slug, id or namespace, as they would be applied now, in order; provisioner plan prints them for kubectl. P0002: no such organisation. 22023: the name is ambiguous. 55000: nothing is applied for it any more, or its blueprint cannot be computed. Example: SELECT kind, name, jsonb_pretty(object) FROM admin.plan(''acme'');';
REVOKE EXECUTE ON FUNCTION admin.plan(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.plan(text) TO ark_dba;
