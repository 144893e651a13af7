SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION core.actor() RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF core.is_strict() THEN
        RETURN coalesce((SELECT s.email FROM core.session() AS s), session_user);
    END IF;
    RETURN coalesce(nullif(current_setting('app.actor', true), ''), session_user);
END
$$;

COMMENT ON FUNCTION core.actor() IS
    'Who acts, for the history: app.actor as the application claims, for strict logins the session''s user, which nobody can claim; else the login.';
GRANT EXECUTE ON FUNCTION core.actor() TO PUBLIC;
