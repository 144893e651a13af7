SET LOCAL ROLE ark_system;

-- Whoever issues a token shares the rows of the organisation and of the membership, and whoever denies it
-- locks them: so the one waits for the other, and then sees the token. With a snapshot from before it is not
-- seen, and no row that was changed would tell of it: it would be valid for its hour.
CREATE OR REPLACE FUNCTION auth.require_read_committed() RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'tokens are denied under READ COMMITTED only: an older snapshot would miss those that were issued meanwhile'
            USING ERRCODE = '55000', HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED';
    END IF;
END
$$;

COMMENT ON FUNCTION auth.require_read_committed() IS
    'Refuses (55000) to deny tokens with a snapshot in which some of them may be missing: under another level than READ COMMITTED.';
REVOKE EXECUTE ON FUNCTION auth.require_read_committed() FROM PUBLIC;
