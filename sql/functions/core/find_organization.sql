SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION core.find_organization(p_name text) RETURNS core.organizations
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_found core.organizations[];
BEGIN
    -- A slug may have belonged to others before, who failed or were deleted: the one that has it now, else
    -- the last that had it.
    v_found := ARRAY(
        SELECT f FROM (
            SELECT DISTINCT ON (o.slug) o AS f FROM core.organizations AS o
            WHERE (lower(o.slug) = p_name OR o.namespace = p_name) AND o.id > 0
            ORDER BY o.slug, o.status IN ('FAILED', 'DELETED'), o.id DESC) AS named
        UNION
        SELECT o FROM core.organizations AS o WHERE o.id::text = p_name AND o.id > 0);
    IF cardinality(v_found) = 0 THEN
        RAISE EXCEPTION 'there is no organisation %', quote_nullable(p_name)
            USING ERRCODE = 'P0002', HINT = 'Say its slug, its id or its namespace: SELECT id, slug, namespace FROM admin.organizations() lists them.';
    ELSIF cardinality(v_found) > 1 THEN
        RAISE EXCEPTION '% names several organisations', quote_literal(p_name)
            USING ERRCODE = '22023',
                  DETAIL = (SELECT string_agg(format('id %s, slug %s, namespace %s', f.id, f.slug, f.namespace), '; ' ORDER BY f.id) FROM unnest(v_found) AS f),
                  HINT = 'Say the id or the namespace of the one that is meant.';
    END IF;
    RETURN v_found[1];
END
$$;

COMMENT ON FUNCTION core.find_organization(text) IS
    'The organisation of this slug, id or namespace. P0002: there is none. 22023: there are several, such as one with the id and another with the slug 7.';
REVOKE EXECUTE ON FUNCTION core.find_organization(text) FROM PUBLIC;
