SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.verify_anchor(p_anchor text)
RETURNS TABLE (org_id bigint, place bigint, history_id bigint, problem text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_all   text[] := regexp_split_to_array(btrim(coalesce(p_anchor, ''), E' \t\r\n'), '[ \t\r]*\n[ \t\r]*');
    v_lines text[];
    v_last  text[];
    v_line  text;
    v_part  text[];
BEGIN
    v_lines := v_all[:cardinality(v_all) - 1];
    v_last := regexp_match(
        v_all[cardinality(v_all)], '^ark-anchor 1 all organizations=([0-9]{1,18}) hash=([0-9a-f]{64}) printed_at=\S+$');
    IF v_last IS NULL OR v_last[1]::bigint <> cardinality(v_lines)
        OR v_last[2] <> encode(sha256(convert_to(array_to_string(v_lines, E'\n'), 'UTF8')), 'hex')
    THEN
        RAISE EXCEPTION 'this is no whole anchor'
            USING ERRCODE = '22023', DETAIL = 'Its last line does not fit the others.',
                  HINT = 'Pass all lines that admin.anchor() has printed, as they were.';
    END IF;

    FOREACH v_line IN ARRAY v_lines LOOP
        v_part := regexp_match(
            v_line, '^ark-anchor 1 org=([0-9]{1,18}) position=([0-9]{1,18}) hash=([0-9a-f]{64}) sealed_at=\S+$');
        IF v_part IS NULL THEN
            RAISE EXCEPTION 'this is no line of an anchor: %', quote_literal(left(v_line, 80)) USING ERRCODE = '22023';
        END IF;
        IF NOT EXISTS (
            SELECT FROM config.history_chain AS c
            WHERE c.org_id = v_part[1]::bigint AND c.position = v_part[2]::bigint
              AND encode(c.hash, 'hex') = v_part[3])
        THEN
            RETURN QUERY SELECT
                v_part[1]::bigint, v_part[2]::bigint,
                (SELECT c.history_id FROM config.history_chain AS c
                 WHERE c.org_id = v_part[1]::bigint AND c.position = v_part[2]::bigint),
                CASE WHEN EXISTS (SELECT FROM config.history_chain AS c
                                  WHERE c.org_id = v_part[1]::bigint AND c.position >= v_part[2]::bigint)
                     THEN 'rebuilt: at this position the chain is not the one that was anchored'
                     ELSE 'cut: the chain was anchored at this position and does not come so far any more' END;
        END IF;
    END LOOP;

    RETURN QUERY SELECT * FROM admin.verify_chain();
END
$$;

COMMENT ON FUNCTION admin.verify_anchor(text) IS
    'Checks the chains against what admin.anchor() has printed earlier, and then like admin.verify_chain(). Finds a chain that an owner of the database has rebuilt or cut: rows up to the anchored position are then not what they were. No rows: unbroken. 22023: the text is no whole anchor. P0002: no such organisation. Example: SELECT * FROM admin.verify_anchor($1);';
REVOKE EXECUTE ON FUNCTION admin.verify_anchor(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.verify_anchor(text) TO ark_dba, ark_auditor;
