SET LOCAL ROLE ark_owner;

-- Of what looks like chance the ids in a rule's conditions are let through: by them subjects are told apart,
-- and they open nothing.
CREATE OR REPLACE FUNCTION config.flag_looks_like_secret(p_key text, p_value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_flag jsonb;
BEGIN
    IF NOT config.looks_like_secret(p_key, p_value) THEN
        RETURN false;
    END IF;
    BEGIN
        v_flag := p_value::jsonb;
    EXCEPTION WHEN invalid_text_representation OR untranslatable_character
        OR numeric_value_out_of_range OR statement_too_complex THEN
        RETURN true;
    END;
    -- As jsonb writes it (admin.define_flag does): no member twice, of which the first would be seen by nobody,
    -- and no letter in another way. The shape of a secret is one wherever it stands.
    IF p_value <> v_flag::text OR jsonb_typeof(v_flag -> 'rules') IS DISTINCT FROM 'array' OR config.secret_shape(p_value) IS NOT NULL THEN
        RETURN true;
    END IF;
    RETURN config.looks_like_secret(p_key, jsonb_set(v_flag, '{rules}', (
        SELECT coalesce(jsonb_agg(CASE WHEN jsonb_typeof(r -> 'when') = 'array' THEN jsonb_set(r, '{when}', (
            SELECT coalesce(jsonb_agg(CASE jsonb_typeof(w) WHEN 'object' THEN w - 'values' ELSE w END), '[]')
            FROM jsonb_array_elements(r -> 'when') AS w)) ELSE r END), '[]')
        FROM jsonb_array_elements(v_flag -> 'rules') AS r))::text);
END
$$;

COMMENT ON FUNCTION config.flag_looks_like_secret(text, text) IS
    'Whether a value of service features, a flag''s definition or an organisation''s choice, is a secret: as config.looks_like_secret, but for what subjects are compared with, ids that chance has made.';
REVOKE EXECUTE ON FUNCTION config.flag_looks_like_secret(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.flag_looks_like_secret(text, text) TO ark_system, ark_app, ark_app_strict, ark_dba;
