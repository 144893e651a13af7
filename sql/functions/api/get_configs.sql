SET LOCAL ROLE ark_owner;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

-- SECURITY INVOKER: row-level security decides what is seen.
CREATE OR REPLACE FUNCTION api.get_configs(p_service text DEFAULT NULL)
RETURNS TABLE (service text, key text, value text, type text, version bigint, is_default boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT n.service, n.key, coalesce(c.value, p.value),
           coalesce(k.type, w.type), coalesce(c.version, 0), c.value IS NULL
    FROM (
        SELECT c.service, c.key FROM config.service_configs AS c
        UNION
        SELECT p.service, p.key FROM config.platform_values() AS p
    ) AS n
    LEFT JOIN config.service_configs AS c ON c.service = n.service AND c.key = n.key
    LEFT JOIN config.platform_values() AS p ON p.service = n.service AND p.key = n.key
    LEFT JOIN config.key_schema AS k ON k.service = n.service AND k.key = n.key
    LEFT JOIN config.key_schema AS w ON w.service = n.service AND w.key = '*'
    WHERE (p_service IS NULL OR n.service = p_service)
      AND coalesce(c.value, p.value) IS NOT NULL
      AND core.current_org() IS NOT NULL
    ORDER BY 1, 2
$$;

COMMENT ON FUNCTION api.get_configs(text) IS
    'The configuration that holds for the current organisation, of one service or of all: its own values, and the platform''s where it has none (is_default; version is that of its own value, 0 if it never had one). 22023: app.current_org is no number. Example: SELECT key, value, is_default FROM api.get_configs(''ai'');';
REVOKE EXECUTE ON FUNCTION api.get_configs(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.get_configs(text) TO ark_app, ark_app_strict, ark_app_ro, ark_dba;
