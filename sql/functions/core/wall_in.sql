SET LOCAL ROLE ark_system;

-- It holds a tenant's rows: the same wall as around those that they were copied from.
CREATE OR REPLACE FUNCTION core.wall_in(p_relation regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', p_relation);
    EXECUTE format('CREATE POLICY ark_system_all_everything ON %s TO ark_system USING (true) WITH CHECK (true)', p_relation);
END
$$;

COMMENT ON FUNCTION core.wall_in(regclass) IS 'Lets nobody but ark_system see the rows of an export''s table.';
REVOKE EXECUTE ON FUNCTION core.wall_in(regclass) FROM PUBLIC;
