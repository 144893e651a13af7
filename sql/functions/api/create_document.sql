SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION api.create_document(p_project_id bigint, p_file_path text) RETURNS core.documents
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('member');
    v_row core.documents;
BEGIN
    INSERT INTO core.documents (org_id, project_id, file_path)
    VALUES (v_org, p_project_id, p_file_path)
    RETURNING * INTO v_row;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION api.create_document(bigint, text) IS
    'Records a document of a project under its path and returns it. 23514: the path is not relative, or leads out. 23505: the path is taken. 23503: the organisation has no such project. 55000: no organisation is chosen. 28000: no session. 42501: a viewer. 22023: app.current_org is no number. Example: SELECT * FROM api.create_document(5, ''plans/2026.pdf'');';
REVOKE EXECUTE ON FUNCTION api.create_document(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.create_document(bigint, text) TO ark_app, ark_app_strict, ark_dba;
