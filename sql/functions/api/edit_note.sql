SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION api.edit_note(p_id bigint, p_content text) RETURNS core.notes
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('member');
    v_row core.notes;
BEGIN
    UPDATE core.notes AS t SET content = p_content
    WHERE t.org_id = v_org AND t.id = p_id
    RETURNING * INTO v_row;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no note %', p_id USING ERRCODE = 'P0002';
    END IF;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION api.edit_note(bigint, text) IS
    'Replaces the text of a note and returns it. P0002: there is none of that id. 55000: no organisation is chosen. 28000: no session. 42501: a viewer. 22023: app.current_org is no number. Example: SELECT * FROM api.edit_note(42, ''Meeting with customer, moved to Friday'');';
REVOKE EXECUTE ON FUNCTION api.edit_note(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.edit_note(bigint, text) TO ark_app, ark_app_strict, ark_dba;
