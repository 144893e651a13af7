SET LOCAL ROLE ark_owner;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

-- SECURITY INVOKER: row-level security decides what is seen.
CREATE OR REPLACE FUNCTION api.config_history_csv(
    p_from timestamptz, p_to timestamptz, p_service text DEFAULT NULL)
RETURNS TABLE (
    changed_at text, service text, key text, version bigint, old_value text, new_value text,
    changed_by text, login text, reason text, history_id bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    -- Date and time as spreadsheets read them, in the session's TimeZone.
    SELECT to_char(h.changed_at, 'YYYY-MM-DD HH24:MI:SS'), config.csv_cell(h.service), config.csv_cell(h.key), h.version,
           config.csv_cell(h.old_value), config.csv_cell(h.new_value), config.csv_cell(h.changed_by),
           config.csv_cell(h.login::text), config.csv_cell(h.reason), h.history_id
    FROM api.config_history_between(p_from, p_to, p_service) AS h
    ORDER BY h.changed_at, h.history_id
$$;

COMMENT ON FUNCTION api.config_history_csv(timestamptz, timestamptz, text) IS
    'As api.config_history_between, for a spreadsheet: no cell begins a formula (config.csv_cell). Example: \copy (SELECT * FROM api.config_history_csv(''2026-11-01'', ''2026-12-01'')) TO ''history.csv'' CSV HEADER';
REVOKE EXECUTE ON FUNCTION api.config_history_csv(timestamptz, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.config_history_csv(timestamptz, timestamptz, text) TO ark_app, ark_app_strict, ark_app_ro, ark_dba;
