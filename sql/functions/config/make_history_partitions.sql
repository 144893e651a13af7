SET LOCAL ROLE ark_owner;

-- lock_timeout is below deadlock_timeout (1 s by default): where this function and an application wait
-- for each other, it is this function that gives up.
CREATE OR REPLACE FUNCTION config.make_history_partitions(p_months_ahead integer DEFAULT 6) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '200ms'
AS $$
DECLARE
    v_months timestamp[];
    v_month  timestamp;
    v_name   text;
    v_astray boolean;
    v_made   integer := 0;
BEGIN
    IF p_months_ahead IS NULL OR p_months_ahead NOT BETWEEN 0 AND 120 THEN
        RAISE EXCEPTION 'partitions are made 0 to 120 months ahead' USING ERRCODE = '22023';
    END IF;
    v_months := ARRAY(
        SELECT date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') + n * interval '1 month'
        FROM generate_series(0, p_months_ahead) AS n);
    -- Its pages, because no role may read its rows here. It is made anew when it is emptied.
    v_astray := pg_relation_size('config.config_history_default') > 0;
    IF NOT v_astray AND config.missing_history_months(v_months) = '{}' THEN
        RETURN 0;
    END IF;

    -- A partition takes over the foreign key, for which PostgreSQL locks service_configs. Taken first,
    -- as writers do; it also keeps two callers apart.
    LOCK TABLE config.service_configs IN SHARE ROW EXCLUSIVE MODE;
    LOCK TABLE ONLY config.config_history IN ACCESS EXCLUSIVE MODE;
    v_astray := pg_relation_size('config.config_history_default') > 0;

    IF v_astray THEN
        ALTER TABLE config.config_history DETACH PARTITION config.config_history_default;
        ALTER TABLE config.config_history_default RENAME TO config_history_astray;
        GRANT SELECT ON config.config_history_astray TO ark_system;
        v_months := v_months || config.months_of_history_astray();
    END IF;

    FOREACH v_month IN ARRAY config.missing_history_months(v_months) LOOP
        v_name := 'config_history_' || to_char(v_month, 'YYYY_MM');
        EXECUTE format(
            'CREATE TABLE config.%I PARTITION OF config.config_history FOR VALUES FROM (%L) TO (%L)',
            v_name, v_month AT TIME ZONE 'UTC', (v_month + interval '1 month') AT TIME ZONE 'UTC');
        EXECUTE format(
            'ALTER TABLE config.%I ADD CONSTRAINT version_is_recorded_once_%s UNIQUE (org_id, config_id, version)',
            v_name, to_char(v_month, 'YYYY_MM'));
        PERFORM config.guard_history_partition(format('config.%I', v_name)::regclass);
        v_made := v_made + 1;
    END LOOP;

    IF v_astray THEN
        PERFORM config.move_history_astray();
        DROP TABLE config.config_history_astray;
        CREATE TABLE config.config_history_default PARTITION OF config.config_history DEFAULT;
        ALTER TABLE config.config_history_default
            ADD CONSTRAINT version_is_recorded_once_default UNIQUE (org_id, config_id, version);
        PERFORM config.guard_history_partition('config.config_history_default');
    END IF;
    RETURN v_made;
END
$$;

COMMENT ON FUNCTION config.make_history_partitions(integer) IS
    'Makes the partitions of config_history for this month (UTC) and p_months_ahead more (0 to 120), and moves what has come to the default partition to months of its own. Returns how many it made; with nothing to do it takes no lock. 55P03: an application was in the way, call it again; 22023: p_months_ahead.';
REVOKE EXECUTE ON FUNCTION config.make_history_partitions(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.make_history_partitions(integer) TO ark_system;
