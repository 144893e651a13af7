SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.invite_member(
    p_email text, p_name text, p_role text DEFAULT 'member', p_reason text DEFAULT 'invited')
RETURNS core.memberships
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require(CASE p_role WHEN 'owner' THEN 'owner' ELSE 'admin' END);
    v_row core.memberships;
BEGIN
    PERFORM core.require_open(v_org);
    BEGIN
        v_row := core.add_member(v_org, p_email, p_name, p_role);
    EXCEPTION WHEN unique_violation THEN
        RAISE EXCEPTION '% is a member already', p_email
            USING ERRCODE = '23505', HINT = 'api.change_role changes the role.';
    END;
    PERFORM core.record_event(
        v_org, 'member', jsonb_build_object('user_id', v_row.user_id, 'new', p_role), p_reason);
    PERFORM provisioning.enqueue(v_org, 'members');
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION api.invite_member(text, text, text, text) IS
    'Makes a person, known by the address or new, a member of the current organisation, and queues the RoleBindings. p_role: owner, admin, member or viewer. 23505: is a member already. 23514: no address, name or role. 42501: needs an admin; an owner to make an owner. 55000: no organisation, or it is not open. 22023: no reason, or app.current_org is no number. 28000: no session (strict). AR422: the reason holds what looks like a secret. Example: SELECT * FROM api.invite_member(''ann@acme.com'', ''Ann'', ''admin'');';
REVOKE EXECUTE ON FUNCTION api.invite_member(text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.invite_member(text, text, text, text) TO ark_app, ark_app_strict, ark_dba;
