SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION core.change_status(
    p_slug text, p_from text[], p_to text, p_kind text, p_reason text)
RETURNS core.organizations
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org core.organizations;
    v_old text;
BEGIN
    SELECT * INTO v_org FROM core.organizations AS o
    WHERE lower(o.slug) = p_slug AND o.status NOT IN ('FAILED', 'DELETED')
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no organisation %', quote_nullable(p_slug)
            USING ERRCODE = 'P0002', HINT = 'SELECT slug, status FROM admin.organizations() lists them.';
    END IF;
    v_old := v_org.status;
    IF v_old = p_to THEN
        RETURN v_org;
    END IF;
    IF v_old <> ALL (p_from) THEN
        RAISE EXCEPTION 'organisation % is %, not %', p_slug, v_old, array_to_string(p_from, ' or ')
            USING ERRCODE = '55000';
    END IF;
    UPDATE core.organizations AS o SET status = p_to WHERE o.id = v_org.id RETURNING * INTO v_org;
    PERFORM core.record_event(
        v_org.id, 'status', jsonb_build_object('old', v_old, 'new', p_to), p_reason);
    PERFORM provisioning.enqueue(v_org.id, p_kind);
    RETURN v_org;
END
$$;

COMMENT ON FUNCTION core.change_status(text, text[], text, text, text) IS
    'Moves an organisation from one of some states to another, records it and queues what follows in Kubernetes. Nothing happens if it is there already. P0002: none of that slug. 55000: it is in another state. 22023: no reason.';
REVOKE EXECUTE ON FUNCTION core.change_status(text, text[], text, text, text) FROM PUBLIC;
