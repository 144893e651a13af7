SET LOCAL ROLE ark_owner;

-- Texts by their bytes (COLLATE "C"), numbers as IEEE 754 doubles: what every language has.
CREATE OR REPLACE FUNCTION config.flag_condition(p_operator text, p_given jsonb, p_values jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    v_type text := jsonb_typeof(p_given);
    v_text text COLLATE "C" := p_given #>> '{}';
    v_want text COLLATE "C" := p_values ->> 0;
    v_each text COLLATE "C";
BEGIN
    IF p_operator = 'exists' THEN
        RETURN coalesce(v_type <> 'null', false);
    ELSIF p_operator = 'not_exists' THEN
        RETURN coalesce(v_type = 'null', true);
    ELSIF v_type IS NULL OR v_type IN ('null', 'object') THEN
        RETURN false;
    ELSIF v_type = 'array' THEN
        IF p_operator = 'not_in' THEN
            RETURN NOT config.flag_condition('in', p_given, p_values);
        END IF;
        -- One of several is enough. What is in it twice as deep counts for nothing.
        RETURN EXISTS (
            SELECT FROM jsonb_array_elements(p_given) AS e
            WHERE jsonb_typeof(e) <> 'array' AND config.flag_condition(p_operator, e, p_values));
    END IF;
    IF v_type = 'number' AND NOT config.is_double(p_given) THEN
        RETURN false;
    END IF;
    IF p_operator IN ('in', 'not_in') THEN
        IF v_type <> 'number' THEN
            -- A list contains a scalar that is one of its elements.
            RETURN (p_values @> p_given) = (p_operator = 'in');
        END IF;
        RETURN EXISTS (
            SELECT FROM jsonb_array_elements(p_values) AS w
            WHERE CASE jsonb_typeof(w) WHEN 'number' THEN (w #>> '{}')::float8 = v_text::float8 ELSE false END) = (p_operator = 'in');
    END IF;
    IF p_operator IN ('less', 'at_most', 'more', 'at_least') THEN
        IF v_type <> 'number' THEN
            RETURN false;
        END IF;
        RETURN CASE p_operator
            WHEN 'less' THEN v_text::float8 < v_want::float8
            WHEN 'at_most' THEN v_text::float8 <= v_want::float8
            WHEN 'more' THEN v_text::float8 > v_want::float8
            ELSE v_text::float8 >= v_want::float8 END;
    END IF;
    IF v_type <> 'string' THEN
        RETURN false;
    END IF;
    IF p_operator IN ('starts_with', 'ends_with', 'contains') THEN
        FOR v_n IN 0 .. jsonb_array_length(p_values) - 1 LOOP
            v_each := p_values ->> v_n;
            IF p_operator = 'starts_with' AND starts_with(v_text, v_each)
                OR p_operator = 'ends_with' AND right(v_text, length(v_each)) = v_each
                OR p_operator = 'contains' AND position(v_each IN v_text) > 0 THEN
                RETURN true;
            END IF;
        END LOOP;
        RETURN false;
    END IF;
    IF p_operator IN ('before', 'after') THEN
        -- In this form texts are in the order of the times.
        RETURN config.is_flag_time(v_text) AND CASE p_operator WHEN 'before' THEN v_text < v_want ELSE v_text > v_want END;
    END IF;
    -- Versions.
    IF v_text !~ '^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$' THEN
        RETURN false;
    END IF;
    RETURN CASE p_operator
        WHEN 'version_below' THEN string_to_array(v_text, '.')::integer[] < string_to_array(v_want, '.')::integer[]
        WHEN 'version_at_least' THEN string_to_array(v_text, '.')::integer[] >= string_to_array(v_want, '.')::integer[]
        ELSE false END;
END
$$;

COMMENT ON FUNCTION config.flag_condition(text, jsonb, jsonb) IS
    'Whether what is given of an attribute (NULL: nothing) is as a rule''s condition wants it. docs/flags.md.';
REVOKE EXECUTE ON FUNCTION config.flag_condition(text, jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.flag_condition(text, jsonb, jsonb) TO ark_system, ark_app, ark_app_strict, ark_app_ro, ark_dba;
