SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.subjects(p_org_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    RETURN (
        SELECT jsonb_object_agg(r.role || 's', r.subjects)
        FROM (
            SELECT r.role,
                   coalesce(jsonb_agg(
                       jsonb_build_object(
                           'apiGroup', 'rbac.authorization.k8s.io', 'kind', 'User',
                           -- A second $ tells the provisioner that ${ begins no reference.
                           'name', regexp_replace(u.email, '^\$(?=\$*\{)', '$$'))
                       ORDER BY u.email) FILTER (WHERE u.id IS NOT NULL), '[]') AS subjects
            FROM unnest(ARRAY['owner', 'admin', 'member', 'viewer']) AS r (role)
            LEFT JOIN core.memberships AS m ON m.org_id = p_org_id AND m.role = r.role
            LEFT JOIN core.users AS u ON u.id = m.user_id
            GROUP BY r.role
        ) AS r);
END
$body$;

COMMENT ON FUNCTION provisioning.subjects(bigint) IS
    'Who has which role in an organisation, as subjects of RoleBindings: {"owners": […], "admins": […], "members": […], "viewers": […]}.';
REVOKE EXECUTE ON FUNCTION provisioning.subjects(bigint) FROM PUBLIC;
