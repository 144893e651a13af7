SET LOCAL ROLE ark_owner;

-- SECURITY INVOKER: row-level security decides whose configuration it is, the triggers keep version
-- and history. The function adds what a plain UPDATE cannot say.
CREATE OR REPLACE FUNCTION api.set_config(
    p_service text, p_key text, p_value text, p_reason text,
    p_expected_version bigint DEFAULT NULL, p_actor text DEFAULT NULL)
RETURNS config.service_configs
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org    bigint := core.require('admin');
    v_reason text := current_setting('app.reason', true);
    v_actor  text := current_setting('app.actor', true);
    v_row    config.service_configs;
BEGIN
    PERFORM core.require_reason(p_reason);
    IF p_service IS NULL OR p_key IS NULL THEN
        RAISE EXCEPTION 'no service or no key' USING ERRCODE = '22023';
    END IF;

    -- Pods see the version as soon as it is committed; a crash must not take it back.
    PERFORM pg_catalog.set_config('synchronous_commit', 'on', true)
    WHERE current_setting('synchronous_commit') = 'off';
    PERFORM pg_catalog.set_config('app.reason', p_reason, true),
            pg_catalog.set_config('app.actor', coalesce(p_actor, v_actor, ''), true);

    IF coalesce(p_expected_version, 0) = 0 THEN
        INSERT INTO config.service_configs (org_id, service, key, value)
        VALUES (v_org, p_service, p_key, p_value)
        ON CONFLICT (org_id, service, key) DO NOTHING
        RETURNING * INTO v_row;
    END IF;
    IF v_row.config_id IS NULL THEN
        -- Locks the row in the version that is current by now, not in the one this statement's
        -- snapshot would show.
        SELECT * INTO v_row FROM config.service_configs AS c
        WHERE c.org_id = v_org AND c.service = p_service AND c.key = p_key
        FOR UPDATE;
        IF p_expected_version <> coalesce(v_row.version, 0) THEN
            RAISE EXCEPTION '%.% has version %, not %',
                p_service, p_key, coalesce(v_row.version, 0), p_expected_version
                USING ERRCODE = 'AR409', HINT = 'Read it again and decide anew.';
        END IF;
        UPDATE config.service_configs AS c SET value = p_value
        WHERE c.org_id = v_org AND c.config_id = v_row.config_id
        RETURNING * INTO v_row;
    END IF;

    PERFORM pg_catalog.set_config('app.reason', coalesce(v_reason, ''), true),
            pg_catalog.set_config('app.actor', coalesce(v_actor, ''), true);
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION api.set_config(text, text, text, text, bigint, text) IS
    'Sets a key of the current organisation and returns its row. p_value NULL deletes it (tombstone). The same value again changes nothing. p_expected_version: AR409 if the version is another (0: must be new). 22023: unknown key, wrong type or range, no reason. AR422: looks like a secret. 55000: no organisation. 42501: the session''s user is no admin. 28000: no session (strict). Example: SELECT version FROM api.set_config(''ai'', ''threshold'', ''0.90'', ''fewer false positives'', p_expected_version => 4);';
REVOKE EXECUTE ON FUNCTION api.set_config(text, text, text, text, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.set_config(text, text, text, text, bigint, text) TO ark_app, ark_app_strict, ark_dba;
