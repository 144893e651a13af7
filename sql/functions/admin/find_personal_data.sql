SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.find_personal_data(p_text text, p_org bigint DEFAULT NULL)
RETURNS TABLE (org_id bigint, history_id bigint, changed_at timestamptz, field text, content text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT h.org_id, h.history_id, h.changed_at, f.field, f.content
    FROM config.config_history AS h,
         LATERAL (VALUES ('old_value', h.old_value), ('new_value', h.new_value), ('changed_by', h.changed_by),
                         ('login', h.login::text), ('reason', h.reason)) AS f (field, content)
    WHERE (p_org IS NULL OR h.org_id = p_org)
      AND position(lower(p_text) IN lower(f.content)) > 0
    ORDER BY h.org_id, h.history_id, f.field
$$;

COMMENT ON FUNCTION admin.find_personal_data(text, bigint) IS
    'The cells of config_history that contain a text (upper and lower case alike), of one organisation or of all: what admin.erase_personal_data would erase. Example: SELECT * FROM admin.find_personal_data(''ann@acme.com'');';
REVOKE EXECUTE ON FUNCTION admin.find_personal_data(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.find_personal_data(text, bigint) TO ark_dba;
