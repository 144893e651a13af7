SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.comparisons(
    p_org text DEFAULT NULL, p_after bigint DEFAULT 0, p_batch integer DEFAULT 100)
RETURNS TABLE (org_id bigint, slug text, namespace text, steps jsonb, error text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org core.organizations;
BEGIN
    IF p_org IS NOT NULL THEN
        v_org := core.find_organization(p_org);
        IF v_org.status NOT IN ('COMMITTED', 'SUSPENDED') THEN
            RAISE EXCEPTION 'organisation % is %', quote_literal(v_org.slug), v_org.status
                USING ERRCODE = '55000', HINT = 'Its namespace stands, and can be compared, when it is COMMITTED or SUSPENDED.';
        END IF;
    END IF;
    FOR org_id, slug, namespace IN
        SELECT o.id, o.slug, o.namespace FROM core.organizations AS o
        WHERE o.id > p_after AND o.status IN ('COMMITTED', 'SUSPENDED') AND (p_org IS NULL OR o.id = v_org.id)
        ORDER BY o.id
        LIMIT p_batch
    LOOP
        steps := NULL;
        error := NULL;
        BEGIN
            steps := provisioning.render(org_id, 'compare', 0);
        EXCEPTION WHEN OTHERS THEN
            -- One that cannot be computed is told beside the others.
            error := SQLERRM;
        END;
        RETURN NEXT;
    END LOOP;
END
$$;

COMMENT ON FUNCTION provisioning.comparisons(text, bigint, integer) IS
    'What is to be looked at to compare an organisation (slug, id or namespace), or the next of all after p_after, with the blueprint, as the steps of a job of the kind compare; changes nothing. P0002: no such organisation. 22023: the name is ambiguous. 55000: its namespace does not stand. Example: SELECT slug, jsonb_array_length(steps) FROM provisioning.comparisons();';
REVOKE EXECUTE ON FUNCTION provisioning.comparisons(text, bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.comparisons(text, bigint, integer) TO ark_provisioner;
