SET LOCAL ROLE ark_system;

-- For the few transactions that a snapshot lists as in progress. As a condition of the statement that asks,
-- where their number and their rows are not known, it makes PostgreSQL read the whole table as soon as one
-- transaction has written much of it: 250 µs for a thousand rows, at each poll and for each pod (ran).
-- Here the index is taken, and where nothing was in progress nothing is asked.
CREATE OR REPLACE FUNCTION config.changed_by(p_xid xid8) RETURNS SETOF config.service_configs
LANGUAGE plpgsql STABLE ROWS 10
SET enable_seqscan = off
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY SELECT c.* FROM config.service_configs AS c WHERE c.xid = p_xid;
END
$$;

COMMENT ON FUNCTION config.changed_by(xid8) IS
    'Rows that a transaction wrote last, as the caller''s snapshot shows them. Example: SELECT * FROM config.changed_by(''4711'');';
REVOKE EXECUTE ON FUNCTION config.changed_by(xid8) FROM PUBLIC;
