SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.define_key(
    p_service text, p_key text, p_type text, p_description text, p_owner text DEFAULT NULL,
    p_default text DEFAULT NULL, p_minimum numeric DEFAULT NULL, p_maximum numeric DEFAULT NULL,
    p_pattern text DEFAULT NULL, p_choices text[] DEFAULT NULL)
RETURNS config.key_schema
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_row   config.key_schema;
    v_wrong config.service_configs;
BEGIN
    IF p_pattern IS NOT NULL THEN
        -- A broken one would refuse every value from now on.
        PERFORM '' ~ p_pattern;
    END IF;
    INSERT INTO config.key_schema AS k
        (service, key, owner, type, minimum, maximum, pattern, choices, default_value, description)
    VALUES (p_service, p_key, coalesce(p_owner, p_service), p_type, p_minimum, p_maximum, p_pattern,
            p_choices, p_default, p_description)
    ON CONFLICT (service, key) DO UPDATE
    SET owner = excluded.owner, type = excluded.type, minimum = excluded.minimum,
        maximum = excluded.maximum, pattern = excluded.pattern, choices = excluded.choices,
        default_value = excluded.default_value, description = excluded.description
    WHERE NOT k.is_mirror
    RETURNING * INTO v_row;
    IF v_row.service IS NULL THEN
        RAISE EXCEPTION '%.% mirrors something else; its type stays', p_service, p_key USING ERRCODE = '42501';
    END IF;
    -- What is stored already must fit, or its readers would meet what they do not expect.
    FOR v_wrong IN
        SELECT * FROM config.service_configs AS c
        WHERE c.service = p_service AND (c.key = p_key OR p_key = '*') AND c.value IS NOT NULL
    LOOP
        PERFORM config.check_value(v_wrong.service, v_wrong.key, v_wrong.value);
    END LOOP;
    IF p_default IS NOT NULL THEN
        IF p_key = '*' THEN
            PERFORM config.check_value(p_service, 'any', p_default);
        ELSE
            PERFORM pg_catalog.set_config('app.reason', 'default of the key', true);
            INSERT INTO config.service_configs (org_id, service, key, value)
            VALUES (0, p_service, p_key, p_default)
            ON CONFLICT (org_id, service, key) DO NOTHING;
        END IF;
    END IF;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION admin.define_key(text, text, text, text, text, text, numeric, numeric, text, text[]) IS
    'Defines a configuration key, or changes its definition; key * stands for every other key of the service. p_type: text, integer, number, boolean, json or secret_ref. The default becomes the platform''s value unless it has one. 22023: a stored value or the default would not fit. 2201B: broken pattern. 23514: names, type or range. 42501: the key is a mirror. AR422: the default looks like a secret. Example: SELECT * FROM admin.define_key(''ai'', ''timeout_ms'', ''integer'', ''How long an answer may take.'', p_default => ''500'', p_minimum => 1);';
REVOKE EXECUTE ON FUNCTION admin.define_key(text, text, text, text, text, text, numeric, numeric, text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.define_key(text, text, text, text, text, text, numeric, numeric, text, text[]) TO ark_dba;
