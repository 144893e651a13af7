SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.lock_flags() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- After the lock the next statement must see what those have written whom it has waited for: of two
    -- halves of a circle each would be in a row of its own, and no row would tell of it.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'what flags need of each other is changed under READ COMMITTED only'
            USING ERRCODE = '55000', HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED. admin.kill_flag works under every level.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('config.flags'), 0);
END
$$;

COMMENT ON FUNCTION config.lock_flags() IS
    'Has others who change what flags need of each other wait until the end of the transaction: two at once could close a circle of which neither sees the other half. Before a flag''s own row is locked, so that nobody waits in a circle. 55000: not READ COMMITTED.';
REVOKE EXECUTE ON FUNCTION config.lock_flags() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.lock_flags() TO ark_owner;
