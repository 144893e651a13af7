SET LOCAL ROLE ark_system;

-- The newest request whose time has come: it takes the place of older ones, also of those that were
-- asked for a time that is still to come. Not LANGUAGE sql: that would be planned anew for every job.
CREATE OR REPLACE FUNCTION finops.effective_quota(p_org_id bigint, p_at timestamptz)
RETURNS SETOF finops.quota_changes
LANGUAGE plpgsql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT q.* FROM finops.quota_changes AS q
        WHERE q.org_id = p_org_id AND q.effective_at <= p_at
        ORDER BY q.change_id DESC
        LIMIT 1;
END
$$;

COMMENT ON FUNCTION finops.effective_quota(bigint, timestamptz) IS
    'The quota of an organisation at a time: the newest request that was effective by then.';
REVOKE EXECUTE ON FUNCTION finops.effective_quota(bigint, timestamptz) FROM PUBLIC;
