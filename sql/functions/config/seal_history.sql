SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.seal_history(p_limit integer DEFAULT 10000) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Compiling the large statement takes seconds, running it does not.
SET jit = off
AS $$
DECLARE
    v_cursor    config.history_cursor;
    v_system    bigint := (SELECT c.system_identifier FROM pg_control_system() AS c);
    v_restored  boolean;
    v_from      xid8;
    v_orgs      bigint[];
    v_sealed_at timestamptz;
    v_sealed    integer;
    v_rest      xid8;
    v_horizon   xid8;
BEGIN
    IF p_limit IS NULL OR p_limit < 1 THEN
        RAISE EXCEPTION 'the limit is a number of rows, at least 1' USING ERRCODE = '22023';
    END IF;
    -- After each lock the next statement must see what its last holder has sealed.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'history is sealed under READ COMMITTED only' USING ERRCODE = '55000';
    END IF;

    SELECT * INTO STRICT v_cursor FROM config.history_cursor;
    v_restored := v_cursor.system IS DISTINCT FROM v_system;
    v_from := CASE WHEN v_restored THEN '0' ELSE v_cursor.sealed_before END;

    -- The organisations of the next p_limit rows; of these the ones in which nobody else seals or erases.
    v_orgs := ARRAY(
        SELECT DISTINCT u.org_id
        FROM (SELECT * FROM config.unsealed_history(v_from, v_restored) AS n ORDER BY n.xid LIMIT p_limit) AS u
        ORDER BY 1);
    INSERT INTO config.history_heads (org_id) SELECT unnest(v_orgs) ON CONFLICT DO NOTHING;
    v_orgs := ARRAY(
        SELECT t.org_id FROM config.history_heads AS t
        WHERE t.org_id = ANY (v_orgs)
        FOR UPDATE SKIP LOCKED);

    v_sealed_at := clock_timestamp();
    WITH batch AS MATERIALIZED (
        SELECT u.*, CASE WHEN u.history_id IS NOT NULL THEN
                   ARRAY[gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid()]
               END AS salts
        FROM config.unsealed_history(v_from, v_restored) AS u
        WHERE u.org_id = ANY (v_orgs)
        ORDER BY u.xid, u.history_id, u.erasure_id
        LIMIT p_limit
    ), digested AS MATERIALIZED (
        SELECT b.*, h, e,
               ARRAY[config.history_digest(b.salts[1], h.old_value), config.history_digest(b.salts[2], h.new_value),
                     config.history_digest(b.salts[3], h.changed_by), config.history_digest(b.salts[4], h.login::text),
                     config.history_digest(b.salts[5], h.reason)] AS digests
        FROM batch AS b
        LEFT JOIN config.config_history AS h ON h.org_id = b.org_id AND h.history_id = b.history_id
        LEFT JOIN config.history_erasures AS e ON e.org_id = b.org_id AND e.erasure_id = b.erasure_id
    ), placed AS MATERIALIZED (
        SELECT d.org_id, d.xid, d.history_id, d.erasure_id, d.salts, t.hash AS head,
               t.position + row_number() OVER (PARTITION BY d.org_id ORDER BY d.xid, d.history_id, d.erasure_id) AS position,
               CASE WHEN d.history_id IS NOT NULL THEN config.history_content(d.h, d.digests)
                    ELSE config.erasure_content(d.e) END AS content
        FROM digested AS d
        JOIN config.history_heads AS t ON t.org_id = d.org_id
    ), sealed AS (
        INSERT INTO config.history_chain AS c
            (org_id, position, encoding, history_id, erasure_id, salts, content, hash, sealed_at)
        SELECT p.org_id, p.position, 1, p.history_id, p.erasure_id, p.salts, p.content,
               config.chain_hash(p.head, 1::smallint, p.org_id, p.position, v_sealed_at, p.content)
                   OVER (PARTITION BY p.org_id ORDER BY p.position ROWS UNBOUNDED PRECEDING),
               v_sealed_at
        FROM placed AS p
        RETURNING c.org_id, c.position, c.hash
    ), moved AS (
        UPDATE config.history_heads AS t
        SET position = l.position, hash = l.hash
        FROM (SELECT DISTINCT ON (s.org_id) s.* FROM sealed AS s ORDER BY s.org_id, s.position DESC) AS l
        WHERE t.org_id = l.org_id
    )
    SELECT count(*) INTO v_sealed FROM sealed;

    -- One statement, one snapshot: below its oldest transaction everything is sealed but the rest that
    -- it sees, be it left for the limit or in the hands of another caller.
    SELECT min(u.xid), pg_snapshot_xmin(pg_current_snapshot()) INTO v_rest, v_horizon
    FROM config.unsealed_history(v_from, v_restored) AS u;
    UPDATE config.history_cursor AS c
    SET sealed_before = CASE WHEN v_restored THEN v_horizon ELSE least(v_rest, v_horizon) END, system = v_system
    FROM (SELECT FROM config.history_cursor FOR UPDATE SKIP LOCKED) AS mine
    WHERE CASE WHEN v_restored THEN v_rest IS NULL AND c.system IS DISTINCT FROM v_system
               ELSE c.sealed_before < least(v_rest, v_horizon) AND c.system = v_system END;
    RETURN v_sealed;
END
$$;

COMMENT ON FUNCTION config.seal_history(integer) IS
    'Links up to p_limit rows of config_history and history_erasures into the hash chains of their organisations, in feed order: by transaction, and only those of transactions older than any that is still in progress. Returns how many; fewer than p_limit: done, or others are at it. Several callers share the work by organisation. 22023: p_limit; 55000: not READ COMMITTED.';
REVOKE EXECUTE ON FUNCTION config.seal_history(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.seal_history(integer) TO ark_dba;
