SET LOCAL ROLE ark_owner;

-- https://owasp.org/www-community/attacks/CSV_Injection; full-width signs count as well, since some
-- spreadsheets take them for the plain ones, and so do blanks in front, which some remove.
CREATE OR REPLACE FUNCTION config.csv_cell(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        -- -5 is a number and nothing else, and somebody will want to add it up.
        WHEN p_text ~ '^-[0-9]{1,30}(\.[0-9]{1,30})?$' THEN p_text
        WHEN p_text ~ '^([\t\r\n]|[[:space:]]*[=+@＝＋－＠-])' THEN '''' || p_text
        ELSE p_text
    END
$$;

COMMENT ON FUNCTION config.csv_cell(text) IS
    'A text as a cell that no spreadsheet takes for a formula: with an apostrophe in front if it begins with = + - @, a tab, a carriage return or a line feed, also after blanks. A plain negative number such as -5 or -0.25 stays a number.';
REVOKE EXECUTE ON FUNCTION config.csv_cell(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.csv_cell(text) TO ark_app, ark_app_strict, ark_app_ro, ark_dba;
