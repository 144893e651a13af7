SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION api.set_flag(
    p_key text, p_choice jsonb, p_reason text, p_expected_version bigint DEFAULT NULL, p_actor text DEFAULT NULL)
RETURNS config.service_configs
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN api.set_config('features', p_key, p_choice::text, p_reason, p_expected_version, p_actor);
END
$$;

COMMENT ON FUNCTION api.set_flag(text, jsonb, text, bigint, text) IS
    'Chooses for the current organisation what a flag is: true (the variant on), false (what it is when off), {"variant": "blue"}; NULL leaves it to the definition again. A kill switch is stronger. The same as api.set_config of service features. AR422: no such variant, or the reason looks like a secret. AR409: p_expected_version is not the current one. 22023: no reason. 42501: the session''s user is no admin. 55000: no organisation. 28000: no session (strict). Example: SELECT version FROM api.set_flag(''new-checkout'', ''{"variant": "blue"}'', ''pilot customer'');';
REVOKE EXECUTE ON FUNCTION api.set_flag(text, jsonb, text, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.set_flag(text, jsonb, text, bigint, text) TO ark_app, ark_app_strict, ark_dba;
