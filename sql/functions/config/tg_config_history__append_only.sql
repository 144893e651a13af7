SET LOCAL ROLE ark_owner;

-- FOR EACH STATEMENT: refused even when no row matches, so that nobody learns it too late. On every
-- partition, too: a statement that names a partition fires the triggers of that one only.
CREATE OR REPLACE FUNCTION config.tg_config_history__append_only() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- config.erase_history, and the trigger erasure looks at every row of it.
    IF TG_OP = 'UPDATE' AND current_user = 'ark_system' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '%.% is append-only: % is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = '42501',
              HINT = 'A change of the configuration is recorded by itself; admin.erase_personal_data erases a person.';
END
$$;

COMMENT ON FUNCTION config.tg_config_history__append_only() IS
    'Refuses UPDATE, DELETE and TRUNCATE (42501), whoever tries, but lets the UPDATE of an erasure pass to the trigger erasure.';
REVOKE EXECUTE ON FUNCTION config.tg_config_history__append_only() FROM PUBLIC;

DO $$
DECLARE
    v_table regclass;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['config.config_history', 'config.history_chain']::regclass[] LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION config.tg_config_history__append_only()', v_table);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', v_table);
    END LOOP;
    CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON config.history_erasures
        FOR EACH STATEMENT EXECUTE FUNCTION core.tg_append_only();
    ALTER TABLE config.history_erasures ENABLE ALWAYS TRIGGER append_only;
END
$$;
