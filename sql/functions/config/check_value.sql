SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.check_value(p_service text, p_key text, p_value text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_schema config.key_schema;
    v_number numeric;
    v_wrong  text;
BEGIN
    SELECT * INTO v_schema
    FROM config.key_schema AS s
    WHERE s.service = p_service AND s.key IN (p_key, '*')
    ORDER BY s.key = '*'
    LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown configuration key %.%', p_service, p_key
            USING ERRCODE = '22023', HINT = 'SELECT service, key, type FROM key_schema lists the known ones.';
    END IF;
    IF p_key !~ '^[a-z0-9][a-z0-9_.-]{0,126}$' THEN
        RAISE EXCEPTION '% is no name of a key', quote_literal(left(p_key, 130))
            USING ERRCODE = '22023', HINT = 'Lower-case letters, digits, dots, hyphens and underscores, at most 127.';
    END IF;
    IF p_value IS NULL THEN
        RETURN;
    END IF;

    -- Before anything else is done with it: expressions over megabytes take their time.
    IF octet_length(p_value) > 65536 THEN
        RAISE EXCEPTION 'the value of %.% is longer than 65536 bytes', p_service, p_key
            USING ERRCODE = '22023', HINT = 'Keep it in an object store and configure its address.';
    END IF;

    IF config.looks_like_secret(p_key, p_value) AND (p_service <> 'features' OR config.flag_looks_like_secret(p_key, p_value)) THEN
        -- The value stays out of the message: messages end up in logs.
        RAISE EXCEPTION 'the value of %.% looks like a secret', p_service, p_key
            USING ERRCODE = 'AR422',
                  DETAIL = format('It is %s. Secrets are kept neither in PostgreSQL nor in Redis.',
                      coalesce('or contains a ' || config.secret_shape(p_value),
                          CASE WHEN config.secret_key_name(p_key) THEN 'under a name that secrets have' ELSE 'or contains a random token' END)),
                  HINT = format('Keep it in a secret store and configure its name: admin.define_key(%L, %L, ''secret_ref'', …), then vault://kv/%s#%s.',
                      p_service, p_key, p_service, p_key);
    END IF;

    CASE v_schema.type
        WHEN 'integer' THEN
            IF p_value !~ '^-?[0-9]{1,18}$' THEN
                v_wrong := 'is no integer';
            ELSE
                v_number := p_value::numeric;
            END IF;
        WHEN 'number' THEN
            IF p_value !~ '^-?[0-9]{1,30}(\.[0-9]{1,30})?$' THEN
                v_wrong := 'is no number';
            ELSE
                v_number := p_value::numeric;
            END IF;
        WHEN 'boolean' THEN
            IF p_value NOT IN ('true', 'false') THEN
                v_wrong := 'is neither true nor false';
            END IF;
        WHEN 'json' THEN
            BEGIN
                PERFORM p_value::jsonb;
            EXCEPTION WHEN invalid_text_representation OR untranslatable_character
                OR numeric_value_out_of_range OR statement_too_complex THEN
                v_wrong := 'is no JSON that PostgreSQL can hold';
            END;
        WHEN 'secret_ref' THEN
            IF NOT config.is_secret_ref(p_value) THEN
                v_wrong := 'is no reference to a secret, like vault://kv/payments#token';
            END IF;
        WHEN 'text' THEN
            NULL;
    END CASE;

    v_wrong := coalesce(
        v_wrong,
        CASE
            WHEN v_number < v_schema.minimum THEN format('is below %s', v_schema.minimum)
            WHEN v_number > v_schema.maximum THEN format('is above %s', v_schema.maximum)
            WHEN p_value !~ v_schema.pattern THEN format('does not match %s', v_schema.pattern)
            WHEN p_value <> ALL (v_schema.choices) THEN
                format('is none of %s', array_to_string(v_schema.choices, ', '))
        END);
    IF v_wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the value of %.% %', p_service, p_key, v_wrong
            USING ERRCODE = '22023',
                  DETAIL = format('%s.%s: %s Type %s.', p_service, p_key, v_schema.description, v_schema.type);
    END IF;
END
$$;

COMMENT ON FUNCTION config.check_value(text, text, text) IS
    'Refuses a value that does not fit config.key_schema (22023) or looks like a secret (AR422). NULL, a tombstone, always fits.';
REVOKE EXECUTE ON FUNCTION config.check_value(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.check_value(text, text, text) TO ark_system, ark_app, ark_app_strict, ark_dba;
