SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.diff_org(p_slug text)
RETURNS TABLE (relation text, key text, difference text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_export  record;
    v_table   record;
    v_row     text;
    v_compare CONSTANT text :=
        'SELECT %L::text, coalesce(e.key, l.key), CASE WHEN l.key IS NULL THEN ''only in the export'' WHEN e.key IS NULL THEN ''only here'' '
        'ELSE ''differs: '' || (SELECT string_agg(f.key, '', '' ORDER BY f.key) FROM jsonb_each(e.content) AS f WHERE f.value IS DISTINCT FROM l.content -> f.key) END '
        'FROM (%s) AS e FULL JOIN (%s) AS l ON l.key = e.key WHERE e.content IS DISTINCT FROM l.content ORDER BY 2';
BEGIN
    SELECT * INTO v_export FROM core.export_about(p_slug);
    RETURN QUERY EXECUTE format(v_compare, 'core.organizations',
        format('SELECT o.slug AS key, jsonb_build_object(''name'', o.name, ''owner_email'', o.owner_email) AS content FROM %I.core_organizations AS o', v_export.schema),
        'SELECT o.slug AS key, jsonb_build_object(''name'', o.name, ''owner_email'', o.owner_email) AS content FROM core.organizations AS o WHERE o.id = $1')
        USING v_export.org_id;
    RETURN QUERY EXECUTE format(v_compare, 'core.memberships',
        format('SELECT lower(u.email) AS key, to_jsonb(m) - ''{org_id,user_id}''::text[] AS content FROM %1$I.core_memberships AS m JOIN %1$I.core_users AS u ON u.id = m.user_id', v_export.schema),
        'SELECT lower(u.email) AS key, to_jsonb(m) - ''{org_id,user_id}''::text[] AS content FROM core.memberships AS m JOIN core.users AS u ON u.id = m.user_id WHERE m.org_id = $1')
        USING v_export.org_id;
    RETURN QUERY EXECUTE format(v_compare, 'config.service_configs',
        format('SELECT concat_ws(''.'', c.service, c.key) AS key, jsonb_build_object(''value'', c.value) AS content FROM %I.config_service_configs AS c '
               'WHERE c.value IS NOT NULL AND NOT EXISTS (SELECT FROM config.key_schema AS k WHERE k.service = c.service AND k.key IN (c.key, ''*'') AND k.is_mirror)', v_export.schema),
        'SELECT concat_ws(''.'', c.service, c.key) AS key, jsonb_build_object(''value'', c.value) AS content FROM config.service_configs AS c '
        'WHERE c.org_id = $1 AND c.value IS NOT NULL AND NOT EXISTS (SELECT FROM config.key_schema AS k WHERE k.service = c.service AND k.key IN (c.key, ''*'') AND k.is_mirror)')
        USING v_export.org_id;
    FOR v_table IN SELECT t.* FROM core.content_tables(v_export.schema) AS t LOOP
        -- An export from before the table was made has nothing of it, and an import leaves it alone.
        CONTINUE WHEN v_table.columns = '{}';
        v_row := format('SELECT concat_ws('', '', %s) AS key, jsonb_build_object(%s) AS content FROM ',
            (SELECT string_agg(format('t.%I', n), ', ') FROM unnest(v_table.key) AS n),
            (SELECT string_agg(format('%L, t.%I', n, n), ', ') FROM unnest(v_table.columns) AS n));
        RETURN QUERY EXECUTE format(v_compare, v_table.relation,
            v_row || format('%s AS t', v_table.exported), v_row || format('%s AS t WHERE t.org_id = $1', v_table.relation))
            USING v_export.org_id;
    END LOOP;
END
$$;

COMMENT ON FUNCTION admin.diff_org(text) IS
    'What differs between the export of a slug and the organisation as it is: the table, the key within the organisation, and which columns, or where the row is missing. Of configuration the values, of members the addresses. No rows: an import would change nothing. P0002: no export. 55000: an export of a format that is not known. Example: SELECT * FROM admin.diff_org(''acme'');';
REVOKE EXECUTE ON FUNCTION admin.diff_org(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.diff_org(text) TO ark_dba;
