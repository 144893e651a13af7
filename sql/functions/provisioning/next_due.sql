SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION provisioning.next_due() RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    -- No row, not zero, where nothing waits: GREATEST would pass over the NULL.
    SELECT greatest(extract(epoch FROM l.wait) * 1000, 0)
    FROM (SELECT min(next_at) - clock_timestamp() AS wait FROM provisioning.lanes WHERE isfinite(next_at)) AS l
    WHERE l.wait IS NOT NULL
$$;

COMMENT ON FUNCTION provisioning.next_due() IS
    'Milliseconds until a lane is worth looking at again; NULL if none waits. A worker sleeps so long, unless it is notified. Example: SELECT provisioning.next_due();';
REVOKE EXECUTE ON FUNCTION provisioning.next_due() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.next_due() TO ark_provisioner;
