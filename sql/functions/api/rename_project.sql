SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION api.rename_project(p_id bigint, p_name text) RETURNS core.projects
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('member');
    v_row core.projects;
BEGIN
    UPDATE core.projects AS t SET name = btrim(p_name)
    WHERE t.org_id = v_org AND t.id = p_id
    RETURNING * INTO v_row;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no project %', p_id USING ERRCODE = 'P0002';
    END IF;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION api.rename_project(bigint, text) IS
    'Renames a project and returns it. P0002: there is none of that id. 23514: no name. 55000: no organisation is chosen. 28000: no session. 42501: a viewer. 22023: app.current_org is no number. Example: SELECT * FROM api.rename_project(5, ''Notes'');';
REVOKE EXECUTE ON FUNCTION api.rename_project(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.rename_project(bigint, text) TO ark_app, ark_app_strict, ark_dba;
