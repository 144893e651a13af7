SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.missing_history_months(p_months timestamp[]) RETURNS timestamp[]
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(DISTINCT m ORDER BY m), '{}')
    FROM unnest(p_months) AS m
    WHERE to_regclass('config.config_history_' || to_char(m, 'YYYY_MM')) IS NULL
$$;

COMMENT ON FUNCTION config.missing_history_months(timestamp[]) IS 'Those months (UTC) for which config_history has no partition.';
REVOKE EXECUTE ON FUNCTION config.missing_history_months(timestamp[]) FROM PUBLIC;
