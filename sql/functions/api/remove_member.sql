SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.remove_member(p_user_id bigint, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('admin');
    v_old text;
BEGIN
    PERFORM core.hold_open(v_org);
    SELECT m.role INTO v_old FROM core.memberships AS m
    WHERE m.org_id = v_org AND m.user_id = p_user_id
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'user % is no member', p_user_id USING ERRCODE = 'P0002';
    END IF;
    IF v_old = 'owner' THEN
        PERFORM core.require('owner');
        PERFORM core.keep_an_owner(v_org, p_user_id);
    END IF;
    -- The sessions go with it.
    DELETE FROM core.memberships AS m WHERE m.org_id = v_org AND m.user_id = p_user_id;
    PERFORM core.follow_owner(v_org);
    PERFORM core.record_event(
        v_org, 'member', jsonb_build_object('user_id', p_user_id, 'old', v_old, 'new', NULL), p_reason);
    PERFORM provisioning.enqueue(v_org, 'members');
END
$$;

COMMENT ON FUNCTION api.remove_member(bigint, text) IS
    'Ends a membership and its sessions, and queues the RoleBindings. P0002: no member. 22023: no reason. 42501: needs an admin; an owner to remove one. 55000: the last owner stays, or the organisation is not open. 28000: no session (strict). AR422: the reason holds what looks like a secret. Example: SELECT api.remove_member(7, ''left the company'');';
REVOKE EXECUTE ON FUNCTION api.remove_member(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.remove_member(bigint, text) TO ark_app, ark_app_strict, ark_dba;
