SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.change_role(p_user_id bigint, p_role text, p_reason text)
RETURNS core.memberships
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('admin');
    v_old text;
    v_row core.memberships;
BEGIN
    PERFORM core.hold_open(v_org);
    SELECT m.role INTO v_old FROM core.memberships AS m
    WHERE m.org_id = v_org AND m.user_id = p_user_id
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'user % is no member', p_user_id
            USING ERRCODE = 'P0002', HINT = 'api.invite_member makes one.';
    END IF;
    IF 'owner' IN (v_old, p_role) THEN
        PERFORM core.require('owner');
    END IF;
    IF v_old = 'owner' AND p_role <> 'owner' THEN
        PERFORM core.keep_an_owner(v_org, p_user_id);
    END IF;
    UPDATE core.memberships AS m SET role = p_role
    WHERE m.org_id = v_org AND m.user_id = p_user_id
    RETURNING * INTO v_row;
    PERFORM core.follow_owner(v_org);
    PERFORM core.record_event(
        v_org, 'member', jsonb_build_object('user_id', p_user_id, 'old', v_old, 'new', p_role), p_reason);
    PERFORM provisioning.enqueue(v_org, 'members');
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION api.change_role(bigint, text, text) IS
    'Changes a member''s role and queues the RoleBindings. P0002: no member. 23514: no such role. 22023: no reason. 42501: needs an admin; an owner where an owner is concerned. 55000: the last owner stays one, the organisation is not open, or not READ COMMITTED. 28000: no session (strict). AR422: the reason holds what looks like a secret. Example: SELECT api.change_role(7, ''admin'', ''takes over the team'');';
REVOKE EXECUTE ON FUNCTION api.change_role(bigint, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.change_role(bigint, text, text) TO ark_app, ark_app_strict, ark_dba;
