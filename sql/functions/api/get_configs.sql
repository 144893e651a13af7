SET LOCAL ROLE ark_owner;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

-- SECURITY INVOKER: row-level security decides what is seen.
CREATE OR REPLACE FUNCTION api.get_configs(p_service text DEFAULT NULL)
RETURNS TABLE (service text, key text, value text, type text, version bigint, is_default boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(c.service, k.service), coalesce(c.key, k.key),
           coalesce(c.value, k.default_value),
           coalesce(k.type, w.type), coalesce(c.version, 0),
           c.value IS NULL
    FROM config.service_configs AS c
    FULL JOIN config.key_schema AS k
        ON k.service = c.service AND k.key = c.key
    LEFT JOIN config.key_schema AS w
        ON w.service = c.service AND w.key = '*'
    WHERE (p_service IS NULL OR coalesce(c.service, k.service) = p_service)
      AND k.key IS DISTINCT FROM '*'
      AND coalesce(c.value, k.default_value) IS NOT NULL
    ORDER BY 1, 2
$$;

COMMENT ON FUNCTION api.get_configs(text) IS
    'The configuration of the current organisation, of one service or of all, with the defaults of keys that it has not set (version 0).';
REVOKE EXECUTE ON FUNCTION api.get_configs(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.get_configs(text) TO ark_app, ark_app_strict, ark_app_ro, ark_dba;
