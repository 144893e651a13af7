SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.tg_memberships__deny() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.require_read_committed();
    PERFORM auth.deny_tokens(NEW.org_id, p_user_id => NEW.user_id);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION auth.tg_memberships__deny() IS
    'When a member''s role changes, the access tokens that tell the old one are denied. The sessions stay: a refresh tells the new one. 55000: not READ COMMITTED.';
REVOKE EXECUTE ON FUNCTION auth.tg_memberships__deny() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.tg_memberships__deny() TO ark_owner;

SET LOCAL ROLE ark_owner;
CREATE OR REPLACE TRIGGER deny
    AFTER UPDATE ON core.memberships
    FOR EACH ROW WHEN (OLD.role <> NEW.role)
    EXECUTE FUNCTION auth.tg_memberships__deny();
ALTER TABLE core.memberships ENABLE ALWAYS TRIGGER deny;
