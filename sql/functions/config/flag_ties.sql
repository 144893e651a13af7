SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.flag_ties(p_value text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_flag jsonb := p_value::jsonb;
BEGIN
    RETURN CASE WHEN v_flag IS NOT NULL THEN jsonb_build_object(
        'variants', ARRAY(SELECT k FROM jsonb_object_keys(coalesce(v_flag -> 'variants', '{"on": true, "off": false}')) AS k ORDER BY k),
        'prerequisites', coalesce(v_flag -> 'prerequisites', '[]')) END;
END
$$;

COMMENT ON FUNCTION config.flag_ties(text) IS
    'What of a flag''s definition concerns other flags: the names of its variants, which they may need, and what it needs itself. NULL: there is none.';
REVOKE EXECUTE ON FUNCTION config.flag_ties(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.flag_ties(text) TO ark_system;
