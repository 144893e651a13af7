SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION core.import_content(p_schema name, p_org_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_table record;
    v_cols  text;
    v_same  text;
    v_key   text;
    v_last  bigint;
BEGIN
    -- What refers to others goes first. A row that differs goes, too, where nobody refers to it: else a
    -- path that two rows have exchanged would stand in its own way.
    FOR v_table IN SELECT t.* FROM core.content_tables(p_schema) AS t ORDER BY t.rank DESC, t.exported DESC LOOP
        CONTINUE WHEN v_table.columns = '{}';
        v_same := (SELECT string_agg(format('e.%1$I IS NOT DISTINCT FROM t.%1$I', c), ' AND ')
                   FROM unnest(CASE WHEN v_table.is_referenced THEN v_table.key ELSE v_table.columns END) AS c);
        v_key := (SELECT string_agg(format('e.%1$I = t.%1$I', c), ' AND ') FROM unnest(v_table.key) AS c);
        EXECUTE format('DELETE FROM %s AS t WHERE t.org_id = $1 AND NOT EXISTS (SELECT FROM %s AS e WHERE %s AND %s)',
                       v_table.relation, v_table.exported, v_key, v_same) USING p_org_id;
    END LOOP;
    FOR v_table IN SELECT t.* FROM core.content_tables(p_schema) AS t ORDER BY t.rank, t.exported LOOP
        CONTINUE WHEN v_table.columns = '{}';
        v_cols := (SELECT string_agg(quote_ident(c), ', ') FROM unnest(v_table.columns) AS c);
        v_key := (SELECT string_agg(quote_ident(c), ', ') FROM unnest(v_table.key) AS c);
        v_same := (SELECT string_agg(format('%1$I = excluded.%1$I', c), ', ')
                   FROM unnest(v_table.columns) AS c WHERE c <> ALL (v_table.key));
        EXECUTE format(
            'INSERT INTO %s AS t (org_id, %s) OVERRIDING SYSTEM VALUE SELECT $1, %s FROM %s AS e ON CONFLICT (org_id, %s) %s',
            v_table.relation, v_cols, v_cols, v_table.exported, v_key,
            CASE WHEN v_same IS NULL THEN 'DO NOTHING' ELSE format('DO UPDATE SET %s WHERE (%s) IS DISTINCT FROM (%s)', v_same,
                (SELECT string_agg(format('t.%I', c), ', ') FROM unnest(v_table.columns) AS c WHERE c <> ALL (v_table.key)),
                (SELECT string_agg(format('excluded.%I', c), ', ') FROM unnest(v_table.columns) AS c WHERE c <> ALL (v_table.key))) END)
            USING p_org_id;
        IF cardinality(v_table.key) = 1 AND pg_get_serial_sequence(v_table.relation::text, v_table.key[1]) IS NOT NULL THEN
            EXECUTE format('SELECT max(e.%I) FROM %s AS e', v_table.key[1], v_table.exported) INTO v_last;
            PERFORM core.raise_identity(v_table.relation, v_table.key[1], v_last);
        END IF;
    END LOOP;
END
$$;

COMMENT ON FUNCTION core.import_content(name, bigint) IS
    'Makes the rows of an organisation in every content table what an export says: under the same ids, what is equal stays untouched.';
REVOKE EXECUTE ON FUNCTION core.import_content(name, bigint) FROM PUBLIC;
