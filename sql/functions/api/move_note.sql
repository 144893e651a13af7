SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION api.move_note(p_id bigint, p_project_id bigint) RETURNS core.notes
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('member');
    v_row core.notes;
BEGIN
    UPDATE core.notes AS t SET project_id = p_project_id
    WHERE t.org_id = v_org AND t.id = p_id
    RETURNING * INTO v_row;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no note %', p_id USING ERRCODE = 'P0002';
    END IF;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION api.move_note(bigint, bigint) IS
    'Moves a note to another project and returns it. P0002: there is none of that id. 23503: the organisation has no such project. 55000: no organisation is chosen. 28000: no session. 42501: a viewer. 22023: app.current_org is no number. Example: SELECT * FROM api.move_note(42, 6);';
REVOKE EXECUTE ON FUNCTION api.move_note(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.move_note(bigint, bigint) TO ark_app, ark_app_strict, ark_dba;
