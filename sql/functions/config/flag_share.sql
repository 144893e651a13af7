SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.flag_share(p_key text, p_salt text, p_rollout jsonb, p_attributes jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    v_by     jsonb := p_attributes -> coalesce(p_rollout ->> 'by', 'subject');
    v_bucket integer;
    v_end    integer := 0;
    v_share  jsonb;
BEGIN
    -- Texts only: other values are written in more than one way.
    IF jsonb_typeof(v_by) IS DISTINCT FROM 'string' OR v_by = '""' THEN
        RETURN NULL;
    END IF;
    v_bucket := config.flag_bucket(p_key, p_salt, v_by #>> '{}');
    FOR v_n IN 0 .. jsonb_array_length(p_rollout -> 'shares') - 1 LOOP
        v_share := p_rollout -> 'shares' -> v_n;
        v_end := v_end + (v_share ->> 'weight')::integer;
        IF v_bucket < v_end THEN
            RETURN v_share ->> 'variant';
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION config.flag_share(text, text, jsonb, jsonb) IS
    'The variant of a rollout that a subject falls into; NULL: there is no subject. docs/flags.md.';
REVOKE EXECUTE ON FUNCTION config.flag_share(text, text, jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.flag_share(text, text, jsonb, jsonb) TO ark_system, ark_app, ark_app_strict, ark_app_ro, ark_dba;
