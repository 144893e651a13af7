SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION core.follow_owner(p_org_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF core.owner_of(p_org_id) IS NULL THEN
        UPDATE core.organizations AS o
        SET owner_email = coalesce((
            SELECT u.email FROM core.memberships AS m JOIN core.users AS u ON u.id = m.user_id
            WHERE m.org_id = p_org_id AND m.role = 'owner'
            ORDER BY m.created_at, m.user_id
            LIMIT 1), o.owner_email)
        WHERE o.id = p_org_id;
    END IF;
END
$$;

COMMENT ON FUNCTION core.follow_owner(bigint) IS
    'Where the owner that an organisation names is one no longer, names the longest of those that are left. The caller holds the organisation, and keeps an owner.';
REVOKE EXECUTE ON FUNCTION core.follow_owner(bigint) FROM PUBLIC;
