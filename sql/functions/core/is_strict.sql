SET LOCAL ROLE ark_owner;

-- By session_user, which neither SET ROLE nor a definer's function changes. A superuser counts as a
-- member of everything, and is bound by nothing.
CREATE OR REPLACE FUNCTION core.is_strict() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT pg_has_role(session_user, 'ark_app_strict', 'MEMBER') THEN
        RETURN false;
    END IF;
    RETURN NOT (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = session_user);
END
$$;

COMMENT ON FUNCTION core.is_strict() IS
    'Whether this login is a strict application (ark_app_strict), which no SET can move to another organisation.';
GRANT EXECUTE ON FUNCTION core.is_strict() TO PUBLIC;
