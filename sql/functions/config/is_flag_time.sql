SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.is_flag_time(p_time text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN coalesce(p_time ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$', false);
END
$$;

COMMENT ON FUNCTION config.is_flag_time(text) IS 'Whether a text is a time in UTC, in whole seconds, like 2026-12-01T08:00:00Z (RFC 3339): the only form that flags know, as texts of it are in the order of the times.';
REVOKE EXECUTE ON FUNCTION config.is_flag_time(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.is_flag_time(text) TO ark_system, ark_app, ark_app_strict, ark_app_ro, ark_dba;
