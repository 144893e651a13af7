SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

-- What may be sealed: rows of transactions below the oldest that is still in progress, anywhere in the
-- cluster. All that those will ever have written is visible here, so nothing has to be put in front of
-- a sealed row later. The snapshot is the calling statement's.
--
-- After a restore, rows have transaction ids that this cluster has not given out yet: p_from_elsewhere
-- takes those, too.
CREATE OR REPLACE FUNCTION config.unsealed_history(p_from xid8, p_from_elsewhere boolean)
RETURNS TABLE (org_id bigint, xid xid8, history_id bigint, erasure_id bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT h.org_id, h.xid, h.history_id, NULL::bigint
    FROM config.config_history AS h
    WHERE h.xid >= p_from
      AND (h.xid < (SELECT pg_snapshot_xmin(pg_current_snapshot()))
           OR (p_from_elsewhere AND h.xid >= (SELECT pg_snapshot_xmax(pg_current_snapshot()))
               AND h.xid IS DISTINCT FROM (SELECT pg_current_xact_id_if_assigned())))
      AND NOT EXISTS (
          SELECT FROM config.history_chain AS c
          WHERE c.org_id = h.org_id AND c.history_id = h.history_id)
    UNION ALL
    SELECT e.org_id, e.xid, NULL::bigint, e.erasure_id
    FROM config.history_erasures AS e
    WHERE e.xid >= p_from
      AND (e.xid < (SELECT pg_snapshot_xmin(pg_current_snapshot()))
           OR (p_from_elsewhere AND e.xid >= (SELECT pg_snapshot_xmax(pg_current_snapshot()))
               AND e.xid IS DISTINCT FROM (SELECT pg_current_xact_id_if_assigned())))
      AND NOT EXISTS (
          SELECT FROM config.history_chain AS c
          WHERE c.org_id = e.org_id AND c.erasure_id = e.erasure_id);
END;

COMMENT ON FUNCTION config.unsealed_history(xid8, boolean) IS
    'Rows that are not sealed and may be, written by transactions from p_from on. p_from_elsewhere: also those with transaction ids of another cluster, after a restore.';
REVOKE EXECUTE ON FUNCTION config.unsealed_history(xid8, boolean) FROM PUBLIC;
