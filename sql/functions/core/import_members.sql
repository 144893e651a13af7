SET LOCAL ROLE ark_system;

-- A person is known by the address: the ids of users are the database's own.
CREATE OR REPLACE FUNCTION core.import_members(p_schema name, p_org_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_members text := format(
        'SELECT u.id AS user_id, m.role, m.name, m.created_at FROM %1$I.core_memberships AS m '
        'JOIN %1$I.core_users AS x ON x.id = m.user_id JOIN core.users AS u ON lower(u.email) = lower(x.email)', p_schema);
BEGIN
    EXECUTE format('INSERT INTO core.users (email) SELECT u.email FROM %I.core_users AS u ON CONFLICT ((lower(email))) DO NOTHING', p_schema);
    EXECUTE format('DELETE FROM core.memberships AS m WHERE m.org_id = $1 AND m.user_id NOT IN (SELECT e.user_id FROM (%s) AS e)', v_members)
        USING p_org_id;
    EXECUTE format(
        'INSERT INTO core.memberships AS m (org_id, user_id, role, name, created_at) SELECT $1, e.* FROM (%s) AS e '
        'ON CONFLICT (org_id, user_id) DO UPDATE SET role = excluded.role, name = excluded.name, created_at = excluded.created_at '
        'WHERE (m.role, m.name, m.created_at) IS DISTINCT FROM (excluded.role, excluded.name, excluded.created_at)', v_members)
        USING p_org_id;
    PERFORM core.keep_an_owner(p_org_id, 0);
END
$$;

COMMENT ON FUNCTION core.import_members(name, bigint) IS
    'Makes the members of an organisation those of an export. 55000: nobody of them is an owner.';
REVOKE EXECUTE ON FUNCTION core.import_members(name, bigint) FROM PUBLIC;
