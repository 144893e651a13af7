SET LOCAL ROLE ark_system;

-- By the triggers, as every other change: versions rise above those that pods have seen, and the history
-- tells of it. What mirrors something else follows that.
CREATE OR REPLACE FUNCTION config.import_values(p_schema name, p_org_id bigint, p_reason text) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_changed bigint;
BEGIN
    PERFORM pg_catalog.set_config('app.reason', p_reason, true),
            -- A version that pods have seen is not taken back by a crash.
            pg_catalog.set_config('synchronous_commit', 'on', true);
    EXECUTE format(
        'WITH wanted AS MATERIALIZED ('
        '  SELECT e.service, e.key, e.value FROM %I.config_service_configs AS e WHERE e.value IS NOT NULL'
        '), own AS ('
        '  SELECT c.* FROM config.service_configs AS c WHERE c.org_id = $1 AND NOT EXISTS ('
        '    SELECT FROM config.key_schema AS k WHERE k.service = c.service AND k.key IN (c.key, ''*'') AND k.is_mirror)'
        '), target AS MATERIALIZED ('
        '  SELECT coalesce(w.service, o.service) AS service, coalesce(w.key, o.key) AS key, w.value'
        '  FROM wanted AS w FULL JOIN own AS o ON o.service = w.service AND o.key = w.key'
        '  WHERE o.value IS DISTINCT FROM w.value AND NOT EXISTS ('
        '    SELECT FROM config.key_schema AS k WHERE k.service = w.service AND k.key IN (w.key, ''*'') AND k.is_mirror)'
        ') INSERT INTO config.service_configs AS c (org_id, service, key, value) '
        'SELECT $1, t.service, t.key, t.value FROM target AS t ORDER BY t.service, t.key '
        'ON CONFLICT (org_id, service, key) DO UPDATE SET value = excluded.value', p_schema) USING p_org_id;
    GET DIAGNOSTICS v_changed = ROW_COUNT;
    PERFORM pg_catalog.set_config('app.reason', '', true);
    RETURN v_changed;
END
$$;

COMMENT ON FUNCTION config.import_values(name, bigint, text) IS
    'Makes the configuration of an organisation what an export says: values that differ get a version above the live one, what the export does not have becomes a tombstone. Returns how many were changed. 22023, AR422: a value that the key''s type does not let pass any more.';
REVOKE EXECUTE ON FUNCTION config.import_values(name, bigint, text) FROM PUBLIC;
