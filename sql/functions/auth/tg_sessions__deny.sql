SET LOCAL ROLE ark_system;

-- Here and not in the functions that end sessions: one that goes with its membership ends as well.
CREATE OR REPLACE FUNCTION auth.tg_sessions__deny() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.deny_tokens(OLD.org_id, OLD.session_id);
    RETURN OLD;
END
$$;

COMMENT ON FUNCTION auth.tg_sessions__deny() IS 'When a session ends, its access tokens are denied.';
REVOKE EXECUTE ON FUNCTION auth.tg_sessions__deny() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.tg_sessions__deny() TO ark_owner;

SET LOCAL ROLE ark_owner;
CREATE OR REPLACE TRIGGER deny_on_end
    AFTER UPDATE ON auth.sessions
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION auth.tg_sessions__deny();
-- BEFORE: afterwards the tokens are gone with it.
CREATE OR REPLACE TRIGGER deny_on_delete
    BEFORE DELETE ON auth.sessions
    FOR EACH ROW EXECUTE FUNCTION auth.tg_sessions__deny();
ALTER TABLE auth.sessions ENABLE ALWAYS TRIGGER deny_on_end;
ALTER TABLE auth.sessions ENABLE ALWAYS TRIGGER deny_on_delete;
