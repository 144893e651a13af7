SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION api.create_note(p_project_id bigint, p_content text) RETURNS core.notes
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('member');
    v_row core.notes;
BEGIN
    INSERT INTO core.notes (org_id, project_id, content)
    VALUES (v_org, p_project_id, p_content)
    RETURNING * INTO v_row;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION api.create_note(bigint, text) IS
    'Writes a note into a project and returns it. 23503: the organisation has no such project. 23514: over a million characters. 55000: no organisation is chosen. 28000: no session. 42501: a viewer. 22023: app.current_org is no number. Example: SELECT * FROM api.create_note(5, ''Meeting with customer'');';
REVOKE EXECUTE ON FUNCTION api.create_note(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.create_note(bigint, text) TO ark_app, ark_app_strict, ark_dba;
