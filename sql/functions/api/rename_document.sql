SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION api.rename_document(p_id bigint, p_file_path text) RETURNS core.documents
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('member');
    v_row core.documents;
BEGIN
    UPDATE core.documents AS t SET file_path = p_file_path
    WHERE t.org_id = v_org AND t.id = p_id
    RETURNING * INTO v_row;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no document %', p_id USING ERRCODE = 'P0002';
    END IF;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION api.rename_document(bigint, text) IS
    'Gives a document another path and returns it. P0002: there is none of that id. 23514: the path is not relative, or leads out. 23505: the path is taken. 55000: no organisation is chosen. 28000: no session. 42501: a viewer. 22023: app.current_org is no number. Example: SELECT * FROM api.rename_document(12, ''plans/2027.pdf'');';
REVOKE EXECUTE ON FUNCTION api.rename_document(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.rename_document(bigint, text) TO ark_app, ark_app_strict, ark_dba;
