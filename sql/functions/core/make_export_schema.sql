SET LOCAL ROLE ark_owner;

-- As ark_owner, who may create schemas. It sees no rows of tenants.
CREATE OR REPLACE FUNCTION core.make_export_schema(p_schema name, p_keep boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- A schema that is dropped tells of every table.
SET client_min_messages = warning
AS $$
BEGIN
    IF p_schema IS NULL OR p_schema !~ '^org_[a-z0-9_]+$' THEN
        RAISE EXCEPTION '% is no schema of an export', quote_nullable(p_schema) USING ERRCODE = '22023';
    END IF;
    -- One after the other: two who make the same at once would meet in the catalog, whose errors tell nobody
    -- what to do. The next statement sees what the other has made.
    PERFORM pg_advisory_xact_lock(hashtext('core.make_export_schema'), hashtext(p_schema));
    IF p_keep IS NOT TRUE AND EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname = p_schema) THEN
        EXECUTE format('DROP SCHEMA %I CASCADE', p_schema);
    END IF;
    IF p_keep IS NOT NULL THEN
        EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', p_schema);
        EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO ark_system', p_schema);
        EXECUTE format('COMMENT ON SCHEMA %I IS %L', p_schema, 'An export of admin.export_org; admin.drop_export removes it.');
    END IF;
END
$$;

COMMENT ON FUNCTION core.make_export_schema(name, boolean) IS
    'Makes the schema of an export, in which ark_system may create: anew (p_keep false), or leaves what is there (true). NULL: only removes it. 22023: no name of an export.';
REVOKE EXECUTE ON FUNCTION core.make_export_schema(name, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.make_export_schema(name, boolean) TO ark_system;
