SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.rollback_flag(p_key text, p_version bigint, p_reason text) RETURNS config.service_configs
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_value text;
BEGIN
    SELECT h.new_value INTO v_value FROM config.config_history AS h
    WHERE h.org_id = 0 AND h.service = 'features' AND h.key = p_key AND h.version = p_version;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'flag % never had version %', quote_nullable(p_key), coalesce(p_version::text, 'NULL')
            USING ERRCODE = 'P0002', HINT = 'SELECT what, new, changed_at, reason FROM admin.changes(''ark-platform'', ''1 year'') tells its versions.';
    END IF;
    IF v_value IS NULL THEN
        RAISE EXCEPTION 'version % of flag % was its removal', p_version, p_key
            USING ERRCODE = '55000', HINT = 'admin.remove_flag takes it away.';
    END IF;
    IF v_value = '[erased]' THEN
        RAISE EXCEPTION 'version % of flag % was erased', p_version, p_key
            USING ERRCODE = '55000', HINT = 'Define it by admin.define_flag.';
    END IF;
    -- A plain switch, from before it had a definition, is the definition without members.
    RETURN admin.define_flag(p_key, CASE v_value
        WHEN 'true' THEN '{}' WHEN 'false' THEN '{"enabled": false}' ELSE v_value END::jsonb, p_reason);
END
$$;

COMMENT ON FUNCTION admin.rollback_flag(text, bigint, text) IS
    'Gives a flag the definition that it had in a version, as a new version, also one that was removed since. A kill switch stays as it is now. The old definition is checked by today''s rules, and against the other flags of today. P0002: it never had that version. 55000: that version was its removal, or was erased; or not READ COMMITTED. AR422: it does not go with other flags any more, or something looks like a secret. 22023: no reason. 23514: no name of a key. 42501: a mirror. Example: SELECT version FROM admin.rollback_flag(''new-checkout'', 4, ''too many errors since version 5'');';
REVOKE EXECUTE ON FUNCTION admin.rollback_flag(text, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.rollback_flag(text, bigint, text) TO ark_dba;
