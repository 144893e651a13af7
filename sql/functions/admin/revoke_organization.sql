SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.revoke_organization(p_slug text, p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint;
BEGIN
    SELECT o.id INTO v_org FROM core.organizations AS o
    WHERE lower(o.slug) = p_slug AND o.status NOT IN ('FAILED', 'DELETED');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no organisation %', quote_nullable(p_slug)
            USING ERRCODE = 'P0002', HINT = 'SELECT slug, status FROM admin.organizations() lists them.';
    END IF;
    RETURN auth.end_sessions(v_org, NULL, NULL, p_reason);
END
$$;

COMMENT ON FUNCTION admin.revoke_organization(text, text) IS
    'Ends every session of an organisation with its access tokens, at once; returns how many. P0002: none of that slug. 22023: no reason. AR422: the reason holds what looks like a secret. 55000: not READ COMMITTED. Example: SELECT admin.revoke_organization(''acme'', ''identity provider was changed'');';
REVOKE EXECUTE ON FUNCTION admin.revoke_organization(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.revoke_organization(text, text) TO ark_dba;
