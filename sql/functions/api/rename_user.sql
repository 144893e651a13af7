SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.rename_user(p_user_id bigint, p_name text) RETURNS core.users
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org  bigint := core.require('admin');
    v_user core.users;
BEGIN
    UPDATE core.users AS u SET name = btrim(p_name)
    WHERE u.id = p_user_id
      AND EXISTS (SELECT FROM core.memberships AS m WHERE m.org_id = v_org AND m.user_id = u.id)
      -- Who belongs to several organisations is not one's to rename.
      AND NOT EXISTS (SELECT FROM core.memberships AS m WHERE m.org_id <> v_org AND m.user_id = u.id)
    RETURNING * INTO v_user;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'user % is no member of this organisation alone', p_user_id USING ERRCODE = 'P0002';
    END IF;
    RETURN v_user;
END
$$;

COMMENT ON FUNCTION api.rename_user(bigint, text) IS
    'Gives a member another name for people and returns the user. P0002: no member, or a member of other organisations, too. 23514: no name of 1 to 200 characters on one line. 42501: needs an admin. 55000: no organisation. Example: SELECT * FROM api.rename_user(7, ''Ann Example'');';
REVOKE EXECUTE ON FUNCTION api.rename_user(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.rename_user(bigint, text) TO ark_app, ark_app_strict, ark_dba;
