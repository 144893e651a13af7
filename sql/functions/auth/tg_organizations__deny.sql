SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.tg_organizations__deny() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.require_read_committed();
    PERFORM auth.deny_tokens(NEW.id);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION auth.tg_organizations__deny() IS
    'When an organisation is open no longer, its access tokens are denied. Of one that is suspended the sessions stay, and can be refreshed when it is resumed. 55000: not READ COMMITTED.';
REVOKE EXECUTE ON FUNCTION auth.tg_organizations__deny() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.tg_organizations__deny() TO ark_owner;

SET LOCAL ROLE ark_owner;
CREATE OR REPLACE TRIGGER deny
    AFTER UPDATE ON core.organizations
    FOR EACH ROW WHEN (OLD.status IN ('PENDING', 'COMMITTED') AND NEW.status NOT IN ('PENDING', 'COMMITTED'))
    EXECUTE FUNCTION auth.tg_organizations__deny();
ALTER TABLE core.organizations ENABLE ALWAYS TRIGGER deny;
