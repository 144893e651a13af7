SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.receive_export(p_slug text) RETURNS name
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM core.make_export_schema(core.export_schema(p_slug), false);
    RETURN core.export_schema(p_slug);
END
$$;

COMMENT ON FUNCTION admin.receive_export(text) IS
    'Makes the empty schema that pg_restore --schema=org_acme --role=ark_system fills; an export that is there is removed. Returns its name. 22023: no slug. Example: SELECT admin.receive_export(''acme'');';
REVOKE EXECUTE ON FUNCTION admin.receive_export(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.receive_export(text) TO ark_dba;
