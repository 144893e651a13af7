SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.drop_export(p_slug text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM core.make_export_schema(core.export_schema(p_slug), NULL);
END
$$;

COMMENT ON FUNCTION admin.drop_export(text) IS
    'Removes the export of a slug; nothing happens if there is none. 22023: no slug. Example: SELECT admin.drop_export(''acme'');';
REVOKE EXECUTE ON FUNCTION admin.drop_export(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.drop_export(text) TO ark_dba;
