SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.rename_member(p_user_id bigint, p_name text) RETURNS core.memberships
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('admin');
    v_row core.memberships;
BEGIN
    UPDATE core.memberships AS m SET name = btrim(p_name)
    WHERE m.org_id = v_org AND m.user_id = p_user_id
    RETURNING * INTO v_row;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'user % is no member', p_user_id USING ERRCODE = 'P0002';
    END IF;
    PERFORM core.record_event(
        v_org, 'member', jsonb_build_object('user_id', p_user_id, 'new', 'renamed'), 'renamed');
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION api.rename_member(bigint, text) IS
    'Gives a member another name for people, in this organisation, and returns the membership. P0002: no member. 23514: no name of 1 to 200 characters on one line. 42501: needs an admin. 55000: no organisation. 22023: app.current_org is no number. 28000: no session (strict). Example: SELECT * FROM api.rename_member(7, ''Ann Example'');';
REVOKE EXECUTE ON FUNCTION api.rename_member(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.rename_member(bigint, text) TO ark_app, ark_app_strict, ark_dba;
