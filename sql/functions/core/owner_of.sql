SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION core.owner_of(p_org_id bigint) RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT m.user_id
        FROM core.organizations AS o
        -- The organisation's address stands as it was given, the user's in one form for all.
        JOIN core.users AS u ON lower(u.email) = lower(normalize(o.owner_email, NFKC))
        JOIN core.memberships AS m ON m.org_id = o.id AND m.user_id = u.id AND m.role = 'owner'
        WHERE o.id = p_org_id);
END
$$;

COMMENT ON FUNCTION core.owner_of(bigint) IS
    'The user whose address is the organisation''s owner_email; NULL if that is no owner of it.';
REVOKE EXECUTE ON FUNCTION core.owner_of(bigint) FROM PUBLIC;

-- What the column means is what this function reads.
SET LOCAL ROLE ark_owner;
COMMENT ON COLUMN core.organizations.owner_email IS 'Address of the owner who answers for it: that of a member with the role owner. api.transfer_ownership names another; when its own is one no longer, the longest of those that are left follows.';
