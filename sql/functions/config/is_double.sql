SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.is_double(p_number jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    v_size numeric := abs((p_number #>> '{}')::numeric);
BEGIN
    RETURN v_size = 0 OR v_size BETWEEN 1e-300 AND 1e300;
END
$$;

COMMENT ON FUNCTION config.is_double(jsonb) IS 'Whether a JSON number is 0 or, without its sign, between 1e-300 and 1e300: what a double holds in every language.';
REVOKE EXECUTE ON FUNCTION config.is_double(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.is_double(jsonb) TO ark_system, ark_app, ark_app_strict, ark_app_ro, ark_dba;
