SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.transfer_ownership(p_user_id bigint, p_reason text, p_old_role text DEFAULT 'admin')
RETURNS core.organizations
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org   bigint := core.require('owner');
    v_role  text;
    v_email text;
    v_old   bigint;
    v_row   core.organizations;
BEGIN
    IF p_old_role IS NULL OR p_old_role NOT IN ('owner', 'admin', 'member', 'viewer') THEN
        RAISE EXCEPTION 'the old owner becomes owner, admin, member or viewer, not %', quote_nullable(p_old_role)
            USING ERRCODE = '22023', HINT = 'api.remove_member ends a membership.';
    END IF;
    PERFORM core.hold_open(v_org);
    SELECT m.role, u.email INTO v_role, v_email
    FROM core.memberships AS m JOIN core.users AS u ON u.id = m.user_id
    WHERE m.org_id = v_org AND m.user_id = p_user_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'user % is no member', p_user_id
            USING ERRCODE = 'P0002', HINT = 'api.invite_member makes one.';
    END IF;
    v_old := core.owner_of(v_org);
    IF v_old = p_user_id THEN
        SELECT * INTO STRICT v_row FROM core.organizations AS o WHERE o.id = v_org;
        RETURN v_row;
    END IF;
    -- The new one first: at no moment is there none.
    UPDATE core.memberships AS m SET role = 'owner' WHERE m.org_id = v_org AND m.user_id = p_user_id;
    UPDATE core.memberships AS m SET role = p_old_role WHERE m.org_id = v_org AND m.user_id = v_old;
    UPDATE core.organizations AS o SET owner_email = v_email WHERE o.id = v_org RETURNING * INTO v_row;
    PERFORM core.record_event(
        v_org, 'member',
        jsonb_build_object('user_id', c.user_id, 'old', c.old, 'new', c.new, 'how', 'transfer'), p_reason)
    FROM (VALUES (v_old, 'owner', p_old_role), (p_user_id, v_role, 'owner')) AS c (user_id, old, new)
    WHERE c.user_id IS NOT NULL;
    PERFORM provisioning.enqueue(v_org, 'members');
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION api.transfer_ownership(bigint, text, text) IS
    'Hands the organisation over to a member, who becomes an owner and its owner_email; the old one keeps p_old_role (owner, admin, member or viewer), other owners stay. Queues the RoleBindings, and returns the organisation; nothing happens if it is his already. P0002: no member. 22023: no reason, no such role, or app.current_org is no number. 42501: needs an owner. 55000: no organisation, it is not open, or not READ COMMITTED. 28000: no session (strict). AR422: the reason holds what looks like a secret. Example: SELECT owner_email FROM api.transfer_ownership(7, ''the company was sold'');';
REVOKE EXECUTE ON FUNCTION api.transfer_ownership(bigint, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.transfer_ownership(bigint, text, text) TO ark_app, ark_app_strict, ark_dba;
