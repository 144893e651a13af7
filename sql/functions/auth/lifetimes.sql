SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.lifetimes(OUT access interval, OUT refresh interval, OUT grace interval)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    access := '1 hour';
    -- From the last refresh on.
    refresh := '90 days';
    -- Longer than a client waits for an answer and asks again; shorter than a thief needs to be of use.
    grace := '30 seconds';
END
$$;

COMMENT ON FUNCTION auth.lifetimes() IS
    'How long tokens live: access, an access token; refresh, a session that is not refreshed; grace, how long after a rotation the previous refresh token gets the same answer again.';
REVOKE EXECUTE ON FUNCTION auth.lifetimes() FROM PUBLIC;
