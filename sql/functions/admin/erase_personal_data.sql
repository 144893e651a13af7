SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.erase_personal_data(
    p_text text, p_reason text, p_org bigint DEFAULT NULL, p_history_ids bigint[] DEFAULT NULL)
RETURNS TABLE (org_id bigint, history_id bigint, fields text[])
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM core.require_reason(p_reason);
    IF length(btrim(coalesce(p_text, ''))) < 3 THEN
        RAISE EXCEPTION 'the text that names a person has at least three characters'
            USING ERRCODE = '22023', HINT = 'SELECT * FROM admin.find_personal_data(…) shows what a text finds.';
    END IF;
    IF position(lower(p_text) IN lower(coalesce(p_reason, ''))) > 0 THEN
        RAISE EXCEPTION 'the reason would keep what is to be erased'
            USING ERRCODE = '22023', HINT = 'Name the request, not the person.';
    END IF;
    RETURN QUERY
        SELECT f.org_id, f.history_id, config.erase_history(f.org_id, f.history_id, f.fields, p_reason)
        FROM (
            SELECT d.org_id, d.history_id, array_agg(d.field) AS fields
            FROM admin.find_personal_data(p_text, p_org) AS d
            WHERE p_history_ids IS NULL OR d.history_id = ANY (p_history_ids)
            GROUP BY d.org_id, d.history_id
            -- In the order in which every other caller locks the organisations.
            ORDER BY d.org_id, d.history_id) AS f;
END
$$;

COMMENT ON FUNCTION admin.erase_personal_data(text, text, bigint, bigint[]) IS
    'Erases every cell of config_history that contains a text (an e-mail address, a name): of one organisation or of all, of the given rows or of all. The cell becomes [erased]; the chain stays provable; history_erasures records where, who, when and why. Look first with admin.find_personal_data. Change the live value first where it is one. Returns the rows and fields. 22023: a text under three characters, no reason, or one that contains the text. 55000: not READ COMMITTED. P0002: a row is gone meanwhile. AR422: the reason holds what looks like a secret. Example: SELECT * FROM admin.erase_personal_data(''ann@acme.com'', ''request 4711'');';
REVOKE EXECUTE ON FUNCTION admin.erase_personal_data(text, text, bigint, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.erase_personal_data(text, text, bigint, bigint[]) TO ark_dba;
