SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.flag_wrong(p_key text, p_path text, p_what text, p_hint text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'flag %: % %', p_key, p_path, p_what
        USING ERRCODE = 'AR422', HINT = coalesce(p_hint, 'docs/flags.md says what a definition is.');
END
$$;

COMMENT ON FUNCTION config.flag_wrong(text, text, text, text) IS 'Refuses a flag''s definition. AR422: always.';
REVOKE EXECUTE ON FUNCTION config.flag_wrong(text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.flag_wrong(text, text, text, text) TO ark_system, ark_app, ark_app_strict, ark_dba;
