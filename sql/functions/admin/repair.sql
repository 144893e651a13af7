SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.repair(p_slug text, p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org core.organizations;
BEGIN
    SELECT * INTO v_org FROM core.organizations AS o
    WHERE o.slug = p_slug AND o.status NOT IN ('FAILED', 'DELETED');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no organisation %', quote_nullable(p_slug)
            USING ERRCODE = 'P0002', HINT = 'SELECT slug, status FROM admin.organizations() lists them.';
    END IF;
    IF v_org.status NOT IN ('COMMITTED', 'SUSPENDED') THEN
        RAISE EXCEPTION 'organisation % is %', quote_literal(p_slug), v_org.status
            USING ERRCODE = '55000', HINT = 'Its namespace stands when it is COMMITTED.';
    END IF;
    PERFORM core.record_event(v_org.id, 'job', jsonb_build_object('kind', 'reconcile', 'how', 'repair'), p_reason);
    RETURN provisioning.enqueue(v_org.id, 'reconcile');
END
$$;

COMMENT ON FUNCTION admin.repair(text, text) IS
    'Brings every object of an organisation''s namespace back to what the blueprint says; returns the job. P0002: none of that slug. 55000: its namespace does not stand. 22023: no reason. AR422: the reason holds what looks like a secret. Example: SELECT admin.repair(''acme'', ''somebody edited the quota'');';
REVOKE EXECUTE ON FUNCTION admin.repair(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.repair(text, text) TO ark_dba;
