SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION core.add_member(p_org_id bigint, p_email text, p_name text, p_role text)
RETURNS core.memberships
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_user bigint;
    v_row  core.memberships;
BEGIN
    p_email := lower(normalize(p_email, NFKC));
    INSERT INTO core.users (email) VALUES (p_email)
    ON CONFLICT ((lower(email))) DO NOTHING;
    SELECT u.id INTO STRICT v_user FROM core.users AS u WHERE lower(u.email) = p_email;
    INSERT INTO core.memberships (org_id, user_id, name, role)
    VALUES (p_org_id, v_user, btrim(p_name), p_role)
    RETURNING * INTO v_row;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION core.add_member(bigint, text, text, text) IS
    'Makes a user, new or known by the address, a member under a name. 23505: is one already. 23514: no address, name or role.';
REVOKE EXECUTE ON FUNCTION core.add_member(bigint, text, text, text) FROM PUBLIC;
