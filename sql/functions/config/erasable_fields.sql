SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.erasable_fields() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY['old_value', 'new_value', 'changed_by', 'login', 'reason']
$$;

COMMENT ON FUNCTION config.erasable_fields() IS
    'The columns of config_history that can hold a person''s data, in the order of history_chain.salts. The order is a part of encoding 1.';
REVOKE EXECUTE ON FUNCTION config.erasable_fields() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.erasable_fields() TO ark_system;
