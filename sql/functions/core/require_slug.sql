SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION core.require_slug(p_slug text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_slug IS NOT NULL AND NOT EXISTS (SELECT FROM core.organizations AS o WHERE o.slug = p_slug) THEN
        RAISE EXCEPTION 'there is no organisation %', quote_literal(p_slug)
            USING ERRCODE = 'P0002', HINT = 'SELECT slug, status FROM admin.organizations() lists them.';
    END IF;
END
$$;

COMMENT ON FUNCTION core.require_slug(text) IS
    'Refuses a slug that no organisation has or had: no row would look like nothing happened. NULL stands for all of them. P0002: no such organisation.';
REVOKE EXECUTE ON FUNCTION core.require_slug(text) FROM PUBLIC;
