SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.guard_history_partition(p_partition regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_policy pg_policies;
    v_name   text;
    v_suffix text;
    v_column pg_attribute;
BEGIN
    SELECT c.relname, replace(c.relname, 'config_history_', '') INTO STRICT v_name, v_suffix
    FROM pg_class AS c
    WHERE c.oid = p_partition;

    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', p_partition);
    FOR v_policy IN
        SELECT * FROM pg_policies AS p WHERE p.schemaname = 'config' AND p.tablename = v_name
    LOOP
        EXECUTE format('DROP POLICY %I ON %s', v_policy.policyname, p_partition);
    END LOOP;
    FOR v_policy IN
        SELECT * FROM pg_policies AS p WHERE p.schemaname = 'config' AND p.tablename = 'config_history'
    LOOP
        EXECUTE format(
            'CREATE POLICY %I ON %s AS %s FOR %s TO %s %s %s',
            v_policy.policyname, p_partition, v_policy.permissive, v_policy.cmd,
            (SELECT string_agg(quote_ident(r), ', ') FROM unnest(v_policy.roles) AS r),
            'USING (' || v_policy.qual || ')', 'WITH CHECK (' || v_policy.with_check || ')');
    END LOOP;

    FOR v_column IN
        SELECT * FROM pg_attribute AS a WHERE a.attrelid = 'config.config_history'::regclass AND a.attnum > 0 AND NOT a.attisdropped
    LOOP
        EXECUTE format(
            'COMMENT ON COLUMN %s.%I IS %L', p_partition, v_column.attname,
            col_description(v_column.attrelid, v_column.attnum));
    END LOOP;

    EXECUTE format(
        'CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION config.tg_config_history__append_only()', p_partition);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', p_partition);

    IF v_suffix = 'default' THEN
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER astray BEFORE INSERT ON %s '
            'FOR EACH ROW EXECUTE FUNCTION config.tg_config_history__astray()', p_partition);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER astray', p_partition);
        EXECUTE format(
            'COMMENT ON TABLE %s IS %L', p_partition,
            'config_history of no month that has a partition. Empty; admin.make_partitions() moves what comes here.');
    ELSE
        EXECUTE format(
            'COMMENT ON TABLE %s IS %L', p_partition,
            format('config_history of %s (UTC). Granted to nobody: the way is config_history.', replace(v_suffix, '_', '-')));
    END IF;
END
$$;

COMMENT ON FUNCTION config.guard_history_partition(regclass) IS
    'Gives a partition of config_history what a statement that names it does not take from config_history: policies, forced row-level security, the append-only trigger. Can be run again.';
REVOKE EXECUTE ON FUNCTION config.guard_history_partition(regclass) FROM PUBLIC;
