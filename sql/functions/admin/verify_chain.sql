SET LOCAL ROLE ark_system;

-- STABLE: all of it sees one snapshot, so that what is sealed or changed meanwhile is no finding.
CREATE OR REPLACE FUNCTION admin.verify_chain(p_org bigint DEFAULT NULL)
RETURNS TABLE (org_id bigint, place bigint, history_id bigint, problem text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Compiling the large statement takes seconds, running it does not.
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    v_cursor   config.history_cursor;
    v_sealed   bigint;
    v_unsealed bigint;
BEGIN
    IF p_org IS NOT NULL AND NOT EXISTS (SELECT FROM core.organizations AS o WHERE o.id = p_org) THEN
        RAISE EXCEPTION 'there is no organisation %', p_org USING ERRCODE = 'P0002';
    END IF;
    SELECT * INTO STRICT v_cursor FROM config.history_cursor;
    IF v_cursor.system IS DISTINCT FROM (SELECT c.system_identifier FROM pg_control_system() AS c) THEN
        -- Restored: its transaction ids say nothing here.
        v_cursor.sealed_before := '0';
    END IF;

    RETURN QUERY
    WITH chain AS (
        SELECT c.*, lag(c.hash) OVER w AS previous_hash, lag(c.position) OVER w AS previous_position
        FROM config.history_chain AS c
        WHERE p_org IS NULL OR c.org_id = p_org
        WINDOW w AS (PARTITION BY c.org_id ORDER BY c.position)
    ), digested AS (
        SELECT c.*, h, e, h.history_id AS found_history, e.erasure_id AS found_erasure,
               ARRAY[coalesce(config.history_digest(c.salts[1], h.old_value), c.digests[1]),
                     coalesce(config.history_digest(c.salts[2], h.new_value), c.digests[2]),
                     coalesce(config.history_digest(c.salts[3], h.changed_by), c.digests[3]),
                     coalesce(config.history_digest(c.salts[4], h.login::text), c.digests[4]),
                     coalesce(config.history_digest(c.salts[5], h.reason), c.digests[5])] AS counted
        FROM chain AS c
        LEFT JOIN config.config_history AS h ON h.org_id = c.org_id AND h.history_id = c.history_id
        LEFT JOIN config.history_erasures AS e ON e.org_id = c.org_id AND e.erasure_id = c.erasure_id
    ), checked AS (
        SELECT d.org_id, d.position, d.history_id,
               CASE
                   WHEN d.position <> coalesce(d.previous_position, 0) + 1 THEN
                       format('deleted from the chain: positions %s to %s', coalesce(d.previous_position, 0) + 1, d.position - 1)
                   WHEN d.history_id IS NOT NULL AND d.found_history IS NULL THEN
                       'deleted: the sealed row of config_history is gone'
                   WHEN d.erasure_id IS NOT NULL AND d.found_erasure IS NULL THEN
                       format('deleted: the sealed row %s of history_erasures is gone', d.erasure_id)
                   WHEN d.salts IS NOT NULL AND (
                       array_length(d.salts, 1) IS DISTINCT FROM 5 OR array_ndims(d.salts) <> 1
                       OR (d.digests IS NULL AND array_position(d.salts, NULL) IS NOT NULL)
                       OR (d.digests IS NOT NULL AND EXISTS (
                           SELECT FROM generate_series(1, 5) AS n WHERE num_nonnulls(d.salts[n], d.digests[n]) <> 1)))
                       OR (d.salts IS NULL AND d.digests IS NOT NULL)
                       OR (d.digests IS NOT NULL AND array_length(d.digests, 1) IS DISTINCT FROM 5)
                   THEN 'chain row changed: salts and digests'
                   WHEN d.digests IS NOT NULL AND EXISTS (
                       SELECT FROM (VALUES (1, 'old_value', (d.h).old_value), (2, 'new_value', (d.h).new_value),
                                           (3, 'changed_by', (d.h).changed_by), (4, 'login', (d.h).login::text),
                                           (5, 'reason', (d.h).reason)) AS f (n, field, content)
                       WHERE d.salts[f.n] IS NULL
                         AND (f.content IS DISTINCT FROM '[erased]' OR NOT EXISTS (
                             SELECT FROM config.history_erasures AS x
                             WHERE x.org_id = d.org_id AND x.history_id = d.history_id AND f.field = ANY (x.fields))))
                   THEN 'edited: an erased field holds a text again, or its erasure is not recorded'
                   WHEN d.content <> CASE WHEN d.history_id IS NOT NULL THEN config.history_content(d.h, d.counted)
                                          ELSE config.erasure_content(d.e) END
                   THEN CASE
                       WHEN d.history_id IS NULL THEN
                           format('edited: row %s of history_erasures is not the one that was sealed', d.erasure_id)
                       WHEN (SELECT count(*) FROM config.config_history AS t
                             WHERE t.org_id = d.org_id AND t.history_id = d.history_id) > 1 THEN
                           'inserted: a second row of config_history with the same history_id'
                       ELSE 'edited: the row of config_history is not the one that was sealed' END
                   WHEN d.hash <> config.chain_link(
                       coalesce(d.previous_hash, decode(repeat('00', 32), 'hex')),
                       d.encoding, d.org_id, d.position, d.sealed_at, d.content)
                   THEN CASE
                       WHEN EXISTS (
                           SELECT FROM config.history_chain AS x
                           JOIN config.config_history AS o ON o.org_id = x.org_id AND o.history_id = x.history_id
                           WHERE x.org_id = d.org_id AND x.sealed_at = d.sealed_at AND x.position <> d.position
                             AND (x.position < d.position) <> ((o.xid, o.history_id) < ((d.h).xid, d.history_id)))
                       THEN 'reordered: its place in the chain is not the one that it was sealed at'
                       ELSE 'chain row changed: it does not follow from the one before, or that one was replaced together with what it seals' END
               END AS problem,
               coalesce(d.previous_position, 0) + 1 AS due
        FROM digested AS d
    ), chain_ends AS (
        SELECT DISTINCT ON (c.org_id) c.org_id, c.position, c.hash
        FROM config.history_chain AS c
        WHERE p_org IS NULL OR c.org_id = p_org
        ORDER BY c.org_id, c.position DESC
    ), versions AS (
        SELECT h.org_id, h.config_id, count(*) AS rows, count(DISTINCT h.version) AS versions,
               min(h.version) AS first, max(h.version) AS last
        FROM config.config_history AS h
        WHERE p_org IS NULL OR h.org_id = p_org
        GROUP BY h.org_id, h.config_id
    ), finding AS (
        SELECT k.org_id, least(k.due, k.position) AS place,
               CASE WHEN k.due = k.position THEN k.history_id END AS history_id, k.problem
        FROM checked AS k
        WHERE k.problem IS NOT NULL
        UNION ALL
        SELECT coalesce(t.org_id, l.org_id), coalesce(l.position, 0) + CASE WHEN l.position = t.position THEN 0 ELSE 1 END, NULL,
               CASE WHEN l.position = t.position THEN 'chain row changed: the last hash is not the one in history_heads'
                    ELSE format('deleted from the chain: it ends at position %s, history_heads at %s',
                                coalesce(l.position, 0), coalesce(t.position, 0)) END
        FROM (SELECT * FROM config.history_heads AS t WHERE p_org IS NULL OR t.org_id = p_org) AS t
        FULL JOIN chain_ends AS l ON l.org_id = t.org_id
        WHERE coalesce(t.position, 0) <> coalesce(l.position, 0)
           OR t.hash <> coalesce(l.hash, decode(repeat('00', 32), 'hex'))
        UNION ALL
        SELECT u.org_id, NULL, u.history_id,
               CASE WHEN u.history_id IS NULL THEN format('inserted: row %s of history_erasures is not in the chain, which has passed it', u.erasure_id)
                    ELSE 'inserted: not in the chain, which has passed it' END
        FROM config.unsealed_history('0', false) AS u
        WHERE u.xid < v_cursor.sealed_before AND (p_org IS NULL OR u.org_id = p_org)
        UNION ALL
        -- Every version of a row was recorded once: so rows are found that were deleted before they were
        -- sealed, and rows that were inserted under whatever transaction.
        SELECT c.org_id, NULL, f.history_id, f.problem
        FROM config.service_configs AS c
        LEFT JOIN versions AS v ON v.org_id = c.org_id AND v.config_id = c.config_id,
        LATERAL (
            SELECT h.history_id, format('inserted: %s.%s has only come to version %s', c.service, c.key, c.version) AS problem, 1 AS rank
            FROM config.config_history AS h
            WHERE h.org_id = c.org_id AND h.config_id = c.config_id AND h.version NOT BETWEEN 1 AND c.version
            UNION ALL
            SELECT max(h.history_id), format('inserted: version %s of %s.%s is recorded twice', h.version, c.service, c.key), 2
            FROM config.config_history AS h
            WHERE h.org_id = c.org_id AND h.config_id = c.config_id
            GROUP BY h.version
            HAVING count(*) > 1
            UNION ALL
            SELECT NULL, format('deleted: version %s of %s.%s is not recorded', n, c.service, c.key), 3
            FROM generate_series(1, c.version) AS n
            WHERE NOT EXISTS (
                SELECT FROM config.config_history AS h
                WHERE h.org_id = c.org_id AND h.config_id = c.config_id AND h.version = n)
            ORDER BY rank, history_id, problem
            LIMIT 1) AS f
        WHERE (p_org IS NULL OR c.org_id = p_org)
          AND (v.rows IS NULL OR (v.rows, v.versions, v.first, v.last) <> (c.version, c.version, 1, c.version))
        UNION ALL
        -- Around the triggers: what holds is not what the history says.
        SELECT c.org_id, NULL, h.history_id,
               format('changed without history: the value of %s.%s is not that of its version %s', c.service, c.key, c.version)
        FROM config.service_configs AS c
        JOIN config.config_history AS h ON h.org_id = c.org_id AND h.config_id = c.config_id AND h.version = c.version
        WHERE (p_org IS NULL OR c.org_id = p_org)
          AND h.new_value IS DISTINCT FROM c.value AND h.new_value IS DISTINCT FROM '[erased]'
          AND NOT EXISTS (
              SELECT FROM config.config_history AS o
              WHERE o.org_id = h.org_id AND o.config_id = h.config_id AND o.version = h.version AND o.history_id <> h.history_id)
        UNION ALL
        SELECT v.org_id, NULL, NULL, format('inserted: config_id %s has never existed', v.config_id)
        FROM versions AS v
        WHERE NOT EXISTS (
            SELECT FROM config.service_configs AS c WHERE c.org_id = v.org_id AND c.config_id = v.config_id)
    )
    SELECT DISTINCT ON (f.org_id) f.org_id, f.place, f.history_id, f.problem
    FROM finding AS f
    ORDER BY f.org_id, f.place, f.history_id, f.problem;

    SELECT count(*) INTO v_sealed FROM config.history_chain AS c WHERE p_org IS NULL OR c.org_id = p_org;
    SELECT count(*) - v_sealed INTO v_unsealed
    FROM (SELECT h.org_id FROM config.config_history AS h UNION ALL SELECT e.org_id FROM config.history_erasures AS e) AS r
    WHERE p_org IS NULL OR r.org_id = p_org;
    RAISE NOTICE 'verified % sealed rows; % are not sealed yet', v_sealed, greatest(v_unsealed, 0);
END
$$;

COMMENT ON FUNCTION admin.verify_chain(bigint) IS
    'Checks the history of one organisation or of all against its hash chain, and names the first broken row of each: edited, deleted, inserted, reordered, chain row changed, value changed without history. place: position in the chain, NULL for a row outside it. No rows: unbroken, up to what a NOTICE says is not sealed yet. A chain that was rebuilt as a whole is found by admin.verify_anchor. P0002: no such organisation. Example: SELECT * FROM admin.verify_chain();';
REVOKE EXECUTE ON FUNCTION admin.verify_chain(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.verify_chain(bigint) TO ark_dba, ark_auditor;

CREATE OR REPLACE VIEW admin.verify_chain WITH (security_invoker = true) AS SELECT * FROM admin.verify_chain();
COMMENT ON VIEW admin.verify_chain IS
    'Checks the history of one organisation or of all against its hash chain, and names the first broken row of each: edited, deleted, inserted, reordered, chain row changed, value changed without history. The rows of admin.verify_chain(). Example: TABLE admin.verify_chain;';
GRANT SELECT ON admin.verify_chain TO ark_dba, ark_auditor;
