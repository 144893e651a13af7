SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION core.may(p_role text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_roles CONSTANT text[] := ARRAY['viewer', 'member', 'admin', 'owner'];
BEGIN
    IF NOT core.is_strict() THEN
        RETURN true;
    END IF;
    RETURN coalesce(
        array_position(c_roles, (SELECT s.role FROM core.session() AS s)) >= array_position(c_roles, p_role),
        false);
END
$$;

COMMENT ON FUNCTION core.may(text) IS
    'Whether the session''s user has at least a role: viewer, member, admin, owner. Always true for a login that is not strict: its application decides who may what.';
GRANT EXECUTE ON FUNCTION core.may(text) TO PUBLIC;
