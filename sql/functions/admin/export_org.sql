SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.export_org(p_slug text, p_reason text)
RETURNS TABLE (exported text, rows bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org    core.organizations;
    v_schema name := core.export_schema(p_slug);
    v_table  record;
    v_parts  text := '';
    v_counts text := '';
BEGIN
    PERFORM core.require_reason(p_reason);
    SELECT * INTO v_org FROM core.organizations AS o
    WHERE lower(o.slug) = p_slug AND o.status NOT IN ('FAILED', 'PLATFORM')
    ORDER BY o.id DESC
    LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no organisation %', quote_nullable(p_slug)
            USING ERRCODE = 'P0002', HINT = 'SELECT slug, status FROM admin.organizations() lists them.';
    END IF;
    IF EXISTS (SELECT FROM admin.tenant_tables() AS t WHERE t.treatment IS NULL) THEN
        RAISE EXCEPTION 'nobody has decided what an export does with %',
            (SELECT string_agg(t.name, ', ' ORDER BY t.name) FROM admin.tenant_tables() AS t WHERE t.treatment IS NULL)
            USING ERRCODE = '55000', HINT = 'Name it in admin.tenant_tables: content, record or left.';
    END IF;
    PERFORM core.record_event(v_org.id, 'export', '{}', p_reason);
    PERFORM core.make_export_schema(v_schema, false);
    EXECUTE format(
        'CREATE TABLE %I.about (format integer, org_id bigint, slug text, operation_id uuid, plan text, status text, '
        'exported_at timestamptz, exported_by text, reason text, server text, became uuid)', v_schema);
    PERFORM core.wall_in(format('%I.about', v_schema)::regclass);
    FOR v_table IN
        SELECT t.relation::regclass AS relation, t.name, format('%I.%I', v_schema, replace(t.name, '.', '_')) AS copy
        FROM admin.tenant_tables() AS t
        WHERE t.treatment IN ('content', 'record')
        ORDER BY t.name
    LOOP
        EXECUTE format('CREATE TABLE %s (LIKE %s)', v_table.copy, v_table.relation);
        PERFORM core.wall_in(v_table.copy::regclass);
        v_parts := v_parts || format(
            ', %I AS (INSERT INTO %s SELECT t.* FROM %s AS t WHERE %s RETURNING 1)', v_table.name, v_table.copy, v_table.relation,
            CASE v_table.name
                WHEN 'core.organizations' THEN 't.id = $1'
                WHEN 'core.users' THEN 't.id IN (SELECT m.user_id FROM core.memberships AS m WHERE m.org_id = $1)'
                ELSE 't.org_id = $1' END);
        v_counts := v_counts || format(' UNION ALL SELECT %L, count(*) FROM %I', v_table.copy, v_table.name);
    END LOOP;
    -- One statement: all tables as they are at one moment.
    RETURN QUERY EXECUTE format(
        'WITH about AS (INSERT INTO %I.about SELECT 1, o.id, o.slug, o.operation_id, o.plan, o.status, now(), session_user, $2, '
        'current_setting(''server_version''), NULL FROM core.organizations AS o WHERE o.id = $1 RETURNING 1)%s '
        'SELECT %L, count(*) FROM about%s', v_schema, v_parts, format('%I.about', v_schema), v_counts)
        USING v_org.id, p_reason;
END
$$;

COMMENT ON FUNCTION admin.export_org(text, text) IS
    'Copies what belongs to an organisation, as it is at one moment, into tables of the schema org_<slug> (with _ for -): content and records of admin.tenant_tables(), core.notes as org_acme.core_notes. An earlier export of that slug is replaced. pg_dump --schema=org_acme carries it; admin.drop_export removes it. Of a slug that was used again the newest organisation. Returns the tables and their rows. P0002: no such organisation. 55000: a table that nobody has decided about. 22023: no reason. AR422: the reason holds what looks like a secret. Example: SELECT * FROM admin.export_org(''acme'', ''request 4711'');';
REVOKE EXECUTE ON FUNCTION admin.export_org(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.export_org(text, text) TO ark_dba;
