SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.delete_organization(p_slug text, p_confirm text, p_reason text)
RETURNS core.organizations
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org core.organizations;
BEGIN
    IF p_confirm IS DISTINCT FROM p_slug THEN
        RAISE EXCEPTION 'not confirmed'
            USING ERRCODE = '22023', HINT = 'Give the slug a second time as p_confirm. The namespace is deleted with all that is in it.';
    END IF;
    v_org := core.change_status(p_slug, ARRAY['PENDING', 'COMMITTED', 'SUSPENDED'], 'DELETING', 'delete', p_reason);
    -- Pods of platform services hear of it as of every other change.
    PERFORM pg_catalog.set_config('app.reason', p_reason, true);
    UPDATE config.service_configs AS c SET value = NULL WHERE c.org_id = v_org.id AND c.value IS NOT NULL;
    UPDATE auth.sessions AS s SET ended_at = clock_timestamp(), end_reason = 'the organisation is deleted' WHERE s.org_id = v_org.id AND s.ended_at IS NULL;
    RETURN v_org;
END
$$;

COMMENT ON FUNCTION admin.delete_organization(text, text, text) IS
    'Ends an organisation: sessions end, configuration becomes tombstones, the namespace is deleted; rows and history stay. The slug is reserved until the namespace is gone. p_confirm: the slug again, else 22023. P0002: none of that slug. 55000: it is in another state, or not READ COMMITTED. 22023: no reason. AR422: the reason holds what looks like a secret. Example: SELECT status FROM admin.delete_organization(''acme'', ''acme'', ''contract ended'');';
REVOKE EXECUTE ON FUNCTION admin.delete_organization(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.delete_organization(text, text, text) TO ark_dba;
