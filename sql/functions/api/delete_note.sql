SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION api.delete_note(p_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org bigint := core.require('member');
BEGIN
    DELETE FROM core.notes AS t WHERE t.org_id = v_org AND t.id = p_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no note %', p_id USING ERRCODE = 'P0002';
    END IF;
END
$$;

COMMENT ON FUNCTION api.delete_note(bigint) IS
    'Deletes a note. P0002: there is none of that id. 55000: no organisation is chosen. 28000: no session. 42501: a viewer. 22023: app.current_org is no number. Example: SELECT api.delete_note(42);';
REVOKE EXECUTE ON FUNCTION api.delete_note(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.delete_note(bigint) TO ark_app, ark_app_strict, ark_dba;
