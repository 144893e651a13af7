SET LOCAL ROLE ark_owner;

-- FOR EACH STATEMENT: refused even when no row matches, so that nobody learns it too late.
CREATE OR REPLACE FUNCTION core.tg_append_only() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: % is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = '42501', HINT = 'Record a new row that corrects the old one.';
END
$$;

COMMENT ON FUNCTION core.tg_append_only() IS 'Refuses UPDATE, DELETE and TRUNCATE (42501), whoever tries.';
REVOKE EXECUTE ON FUNCTION core.tg_append_only() FROM PUBLIC;

DO $$
DECLARE
    v_table regclass;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['finops.quota_changes', 'core.organization_events']::regclass[] LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION core.tg_append_only()', v_table);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', v_table);
    END LOOP;
END
$$;
