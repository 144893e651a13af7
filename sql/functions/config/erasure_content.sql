SET LOCAL ROLE ark_owner;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION config.erasure_content(p_row config.history_erasures) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT sha256(record_send(ROW(
        'erasure 1'::bytea, p_row.org_id, p_row.erasure_id, p_row.history_id,
        -- Names of columns, in which there is no comma.
        convert_to(array_to_string(p_row.fields, ','), 'UTF8'),
        convert_to(p_row.erased_by, 'UTF8'), convert_to(p_row.login::text, 'UTF8'),
        p_row.erased_at, convert_to(p_row.reason, 'UTF8'), p_row.xid)));
END;

COMMENT ON FUNCTION config.erasure_content(config.history_erasures) IS
    'SHA-256 of a row of history_erasures in encoding 1: every column.';
REVOKE EXECUTE ON FUNCTION config.erasure_content(config.history_erasures) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.erasure_content(config.history_erasures) TO ark_system;
