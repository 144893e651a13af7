SET LOCAL ROLE ark_owner;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

-- Every column of config_history. A column that is added needs encoding 2, and a test says so.
CREATE OR REPLACE FUNCTION config.history_content(p_row config.config_history, p_digests bytea[]) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT sha256(record_send(ROW(
        'change 1'::bytea, p_row.org_id, p_row.history_id, p_row.config_id,
        convert_to(p_row.service, 'UTF8'), convert_to(p_row.key, 'UTF8'),
        p_row.version, p_row.changed_at, p_row.xid,
        p_digests[1], p_digests[2], p_digests[3], p_digests[4], p_digests[5])));
END;

COMMENT ON FUNCTION config.history_content(config.config_history, bytea[]) IS
    'SHA-256 of a row of config_history in encoding 1: every column, those that can hold a person''s data as salted digests, in the order of config.erasable_fields().';
REVOKE EXECUTE ON FUNCTION config.history_content(config.config_history, bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.history_content(config.config_history, bytea[]) TO ark_system;
