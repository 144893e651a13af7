SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION core.export_schema(p_slug text) RETURNS name
LANGUAGE sql IMMUTABLE
-- A slug has no underscore, so no two slugs come to the same name; 63 characters at most.
RETURN 'org_' || replace(p_slug, '-', '_');

COMMENT ON FUNCTION core.export_schema(text) IS 'The schema of an organisation''s export: org_ and the slug, with _ for -, so that no shell needs quotes.';
REVOKE EXECUTE ON FUNCTION core.export_schema(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.export_schema(text) TO ark_system;
