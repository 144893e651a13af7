SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION api.create_project(p_name text) RETURNS core.projects
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('member');
    v_row core.projects;
BEGIN
    INSERT INTO core.projects (org_id, name)
    VALUES (v_org, btrim(p_name))
    RETURNING * INTO v_row;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION api.create_project(text) IS
    'Creates a project in the current organisation and returns it. 23514: no name of 1 to 200 characters on one line. 55000: no organisation is chosen. 28000: no session. 42501: a viewer. 22023: app.current_org is no number. Example: SELECT * FROM api.create_project(''Notes App'');';
REVOKE EXECUTE ON FUNCTION api.create_project(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.create_project(text) TO ark_app, ark_app_strict, ark_dba;
