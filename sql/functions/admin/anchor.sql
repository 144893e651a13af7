SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.anchor() RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_lines text[] := ARRAY(
        SELECT format('ark-anchor 1 org=%s position=%s hash=%s sealed_at=%s', o.id, l.position, encode(l.hash, 'hex'),
                      to_char(l.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        FROM core.organizations AS o,
             LATERAL (
                 SELECT c.position, c.hash, c.sealed_at FROM config.history_chain AS c
                 WHERE c.org_id = o.id
                 ORDER BY c.position DESC
                 LIMIT 1) AS l
        ORDER BY o.id);
BEGIN
    RETURN QUERY SELECT unnest(v_lines);
    RETURN NEXT format(
        'ark-anchor 1 all organizations=%s hash=%s printed_at=%s', cardinality(v_lines),
        encode(sha256(convert_to(array_to_string(v_lines, E'\n'), 'UTF8')), 'hex'),
        to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
END
$$;

COMMENT ON FUNCTION admin.anchor() IS
    'The end of every organisation''s chain, a line each, and a last line with a hash over all of them. Store it where no owner of this database can write; admin.verify_anchor checks it later. Example: SELECT * FROM admin.anchor();';
REVOKE EXECUTE ON FUNCTION admin.anchor() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.anchor() TO ark_dba, ark_auditor;
