SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

-- Only what is behind the cursor: the rest is announced anyway, with a number of its own.
CREATE OR REPLACE FUNCTION config.feed_announcements(
    p_org bigint DEFAULT NULL, p_service text DEFAULT NULL, p_key text DEFAULT NULL)
RETURNS TABLE (epoch bigint, incarnation bigint, org_id bigint, service text, key text, version bigint, seq bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT f.epoch, f.incarnation, c.org_id, c.service, c.key, c.version, s.seq
    FROM config.feed AS f, config.service_configs AS c
    JOIN config.feed_services AS s USING (service)
    WHERE (p_org IS NULL OR c.org_id = p_org) AND (p_service IS NULL OR c.service = p_service)
      AND (p_key IS NULL OR c.key = p_key) AND pg_visible_in_snapshot(c.xid, f.snapshot)
    ORDER BY c.service, c.org_id, c.key
$$;

COMMENT ON FUNCTION config.feed_announcements(bigint, text, text) IS
    'What bridge replay publishes again: the versions that hold, of one organisation, service or key, or of all. Example: SELECT * FROM config.feed_announcements(p_service => ''ai'');';
REVOKE EXECUTE ON FUNCTION config.feed_announcements(bigint, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.feed_announcements(bigint, text, text) TO ark_bridge;
