SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.compare(p_slug text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org   bigint;
    v_count bigint := 0;
BEGIN
    PERFORM core.require_slug(p_slug);
    FOR v_org IN
        SELECT o.id FROM core.organizations AS o
        WHERE (p_slug IS NULL OR o.slug = p_slug) AND o.status IN ('COMMITTED', 'SUSPENDED')
        ORDER BY o.id
    LOOP
        PERFORM provisioning.enqueue(v_org, 'compare');
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;

COMMENT ON FUNCTION admin.compare(text) IS
    'Has tenants compared with the blueprint now, one or all; returns how many. admin.tenant_drift() then shows what differs. P0002: no organisation has that slug. Example: SELECT admin.compare(''acme'');';
REVOKE EXECUTE ON FUNCTION admin.compare(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.compare(text) TO ark_dba;
