SET LOCAL ROLE ark_owner;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

-- SECURITY INVOKER: row-level security decides what is seen.
CREATE OR REPLACE FUNCTION api.config_history_between(
    p_from timestamptz, p_to timestamptz, p_service text DEFAULT NULL)
RETURNS TABLE (
    changed_at timestamptz, service text, key text, version bigint, old_value text, new_value text,
    changed_by text, login name, reason text, history_id bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT h.changed_at, h.service, h.key, h.version, h.old_value, h.new_value,
           h.changed_by, h.login, h.reason, h.history_id
    FROM config.config_history AS h
    WHERE h.changed_at >= p_from AND h.changed_at < p_to
      AND (p_service IS NULL OR h.service = p_service)
    ORDER BY h.changed_at, h.history_id
$$;

COMMENT ON FUNCTION api.config_history_between(timestamptz, timestamptz, text) IS
    'What was changed in the configuration of the current organisation, from p_from on and before p_to, of one service or of all. A date means its midnight in the session''s TimeZone, so (''2026-11-01'', ''2026-12-01'') is November; -infinity and infinity leave an end open. Example: SELECT * FROM api.config_history_between(''2026-11-01'', ''2026-12-01'', ''ai'');';
REVOKE EXECUTE ON FUNCTION api.config_history_between(timestamptz, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.config_history_between(timestamptz, timestamptz, text) TO ark_app, ark_app_strict, ark_app_ro, ark_dba;
