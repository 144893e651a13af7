SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION api.delete_project(p_id bigint, p_with_contents boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('member');
BEGIN
    IF p_with_contents THEN
        DELETE FROM core.notes AS n WHERE n.org_id = v_org AND n.project_id = p_id;
        DELETE FROM core.documents AS d WHERE d.org_id = v_org AND d.project_id = p_id;
    END IF;
    BEGIN
        DELETE FROM core.projects AS p WHERE p.org_id = v_org AND p.id = p_id;
    EXCEPTION WHEN foreign_key_violation THEN
        RAISE EXCEPTION 'project % is not empty', p_id
            USING ERRCODE = '23503',
                  HINT = 'Move its notes and documents, or delete them with it: p_with_contents => true.';
    END;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no project %', p_id USING ERRCODE = 'P0002';
    END IF;
END
$$;

COMMENT ON FUNCTION api.delete_project(bigint, boolean) IS
    'Deletes a project, with p_with_contents its notes and documents, too. 23503: it is not empty. P0002: there is none of that id. 55000: no organisation is chosen. 28000: no session. 42501: a viewer. 22023: app.current_org is no number. Example: SELECT api.delete_project(5, p_with_contents => true);';
REVOKE EXECUTE ON FUNCTION api.delete_project(bigint, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.delete_project(bigint, boolean) TO ark_app, ark_app_strict, ark_dba;
