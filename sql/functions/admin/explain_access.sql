SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.explain_access(p_login name, p_table text, p_org_id bigint)
RETURNS TABLE (question text, answer text, detail text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_login  pg_roles;
    v_class  pg_class;
    v_table  regclass;
    v_status text := (SELECT o.status FROM core.organizations AS o WHERE o.id = p_org_id);
    v_policy record;
    v_strict boolean;
    v_passes boolean;
    v_read   boolean;
    v_uses   boolean;
    v_count  bigint;
    v_seen   bigint;
    v_shown  text[] := '{}';
    v_kept   text[] := '{}';
    v_filter text;
    v_own    text := current_setting('app.current_org', true);
    v_column text;
BEGIN
    SELECT * INTO v_login FROM pg_roles AS r WHERE r.rolname = p_login;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no login %', p_login USING ERRCODE = '42704', HINT = '\du lists them.';
    END IF;
    -- As the database's search_path finds it, and then in the schemas that no login has in its own. Not
    -- regclass: whoever asks may not use them.
    v_table := (
        SELECT to_regclass(s.prefix || p_table)
        FROM unnest(ARRAY['', 'core.', 'config.', 'finops.', 'api.', 'auth.', 'provisioning.', 'admin.']) WITH ORDINALITY AS s (prefix, n)
        WHERE (s.prefix = '' OR strpos(p_table, '.') = 0) AND to_regclass(s.prefix || p_table) IS NOT NULL
        ORDER BY s.n LIMIT 1);
    IF v_table IS NULL THEN
        RAISE EXCEPTION 'there is no table %', quote_nullable(p_table) USING ERRCODE = '42P01', HINT = '\\dt *.* lists them.';
    END IF;
    SELECT * INTO v_class FROM pg_class AS c WHERE c.oid = v_table;

    question := 'Can it log in?';
    answer := CASE WHEN v_login.rolcanlogin THEN 'yes' ELSE 'no' END;
    detail := coalesce('member of ' || (
        SELECT string_agg(g.rolname, ', ' ORDER BY g.rolname) FROM pg_roles AS g
        WHERE g.rolname LIKE 'ark\_%' AND g.oid <> v_login.oid AND pg_has_role(v_login.oid, g.oid, 'MEMBER')), 'member of no group of the platform');
    RETURN NEXT;

    question := 'Does row-level security bind it?';
    v_passes := v_login.rolsuper OR v_login.rolbypassrls OR NOT v_class.relrowsecurity
        OR (pg_has_role(v_login.oid, v_class.relowner, 'USAGE') AND NOT v_class.relforcerowsecurity);
    answer := CASE WHEN v_passes THEN 'no' ELSE 'yes' END;
    detail := CASE WHEN v_login.rolsuper THEN 'a superuser sees everything'
                   WHEN v_login.rolbypassrls THEN 'BYPASSRLS sees everything'
                   WHEN NOT v_class.relrowsecurity THEN 'the table has no row-level security'
                   WHEN v_passes THEN 'it owns the table, which does not FORCE it'
                   ELSE 'the policies below decide' END;
    RETURN NEXT;

    question := 'May it use the schema?';
    v_uses := has_schema_privilege(v_login.oid, v_class.relnamespace, 'USAGE');
    answer := CASE WHEN v_uses THEN 'yes' ELSE 'no' END;
    detail := v_class.relnamespace::regnamespace::text;
    RETURN NEXT;

    question := 'What may it do with the table?';
    v_read := has_any_column_privilege(v_login.oid, v_table, 'SELECT');
    detail := concat_ws(', ',
        CASE WHEN v_read THEN 'SELECT' END,
        CASE WHEN has_any_column_privilege(v_login.oid, v_table, 'INSERT') THEN 'INSERT' END,
        CASE WHEN has_any_column_privilege(v_login.oid, v_table, 'UPDATE') THEN 'UPDATE' END,
        CASE WHEN has_table_privilege(v_login.oid, v_table, 'DELETE') THEN 'DELETE' END,
        CASE WHEN has_table_privilege(v_login.oid, v_table, 'TRUNCATE') THEN 'TRUNCATE' END);
    answer := CASE detail WHEN '' THEN 'nothing' ELSE detail END;
    detail := CASE answer WHEN 'nothing' THEN 'perhaps by a function of api or admin: \df+ tells' ELSE 'by GRANT, on some columns at least' END;
    RETURN NEXT;

    v_strict := pg_has_role(v_login.oid, 'ark_app_strict', 'MEMBER') AND NOT v_login.rolsuper;
    question := 'Where does its organisation come from?';
    answer := CASE WHEN v_passes THEN 'it needs none' WHEN v_strict THEN 'from its session' ELSE 'from app.current_org' END;
    detail := CASE WHEN v_passes THEN ''
                   WHEN v_strict THEN 'SELECT api.begin_request(handle), in every transaction; a SET changes nothing'
                   ELSE format('SET app.current_org = %s', p_org_id) END;
    RETURN NEXT;

    FOR v_policy IN
        SELECT p.polname, p.polpermissive, pg_get_expr(p.polqual, p.polrelid) AS qual
        FROM pg_policy AS p
        WHERE NOT v_passes AND p.polrelid = v_table AND p.polcmd IN ('*', 'r')
          AND EXISTS (SELECT FROM unnest(p.polroles) AS r (oid)
                      WHERE r.oid = 0 OR pg_has_role(v_login.oid, r.oid, 'USAGE'))
        ORDER BY p.polpermissive, p.polname
    LOOP
        IF v_policy.polpermissive THEN
            v_shown := v_shown || format('(%s)', v_policy.qual);
        ELSE
            v_kept := v_kept || format('(%s)', v_policy.qual);
        END IF;
        question := format('Policy %s', v_policy.polname);
        answer := CASE WHEN v_policy.polpermissive THEN 'shows rows' ELSE 'hides rows unless' END;
        detail := v_policy.qual;
        RETURN NEXT;
    END LOOP;

    v_filter := CASE WHEN v_passes THEN 'true'
                     WHEN v_shown = '{}' THEN 'false'
                     ELSE array_to_string(('(' || array_to_string(v_shown, ' OR ') || ')') || v_kept, ' AND ') END;
    v_column := CASE WHEN v_table = 'core.organizations'::regclass THEN 'id' ELSE (
        SELECT a.attname FROM pg_attribute AS a
        WHERE a.attrelid = v_table AND a.attname = 'org_id' AND NOT a.attisdropped) END;
    IF v_class.relkind IN ('r', 'p') AND has_table_privilege(v_table, 'SELECT') THEN
        -- Not guessed from their text: the policies are asked, as they answer within that organisation.
        PERFORM pg_catalog.set_config('app.current_org', p_org_id::text, true);
        EXECUTE format('SELECT count(*), count(*) FILTER (WHERE %s) FROM %s WHERE %s', v_filter, v_table, CASE WHEN v_column IS NULL THEN 'true' ELSE format('%I = $1', v_column) END)
        INTO v_count, v_seen USING p_org_id;
        PERFORM pg_catalog.set_config('app.current_org', v_own, true);
    END IF;
    question := format('Does it see the rows of organisation %s?', p_org_id);
    answer := CASE WHEN v_uses AND v_read AND v_filter <> 'false' AND (v_seen > 0 OR v_count IS NOT DISTINCT FROM 0 OR v_count IS NULL)
                        AND v_status IS NOT NULL AND (v_passes OR NOT v_strict OR v_status IN ('PENDING', 'COMMITTED')) THEN 'yes' ELSE 'no' END;
    detail := concat_ws('; ',
        CASE WHEN v_status IS NULL THEN 'there is no such organisation'
             WHEN NOT v_read THEN 'it may not SELECT'
             WHEN NOT v_uses THEN 'it may not use the schema'
             WHEN v_passes THEN 'always'
             WHEN v_filter = 'false' THEN 'no policy shows it anything'
             WHEN v_seen < v_count AND v_column IS NOT NULL THEN format('policies hide %s', CASE v_seen WHEN 0 THEN 'them' ELSE v_count - v_seen || ' of them' END)
             WHEN v_strict AND v_status NOT IN ('PENDING', 'COMMITTED') THEN format('the organisation is %s: it has no session', v_status)
             WHEN v_strict THEN 'in a session of that organisation'
             ELSE 'while app.current_org is that organisation' END,
        CASE WHEN v_count IS NULL THEN NULL
             WHEN v_column IS NULL THEN format('of %s of all organisations it sees %s', v_count, v_seen)
             WHEN v_count = 0 THEN 'there are none' ELSE format('there are %s', v_count) END);
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION admin.explain_access(name, text, bigint) IS
    'Why rows of an organisation are visible to a login, or not: membership, grants, policies as they answer within that organisation, and where its organisation comes from. 42704: no such login. 42P01: no such table; unqualified names are looked for in every schema. Example: SELECT * FROM admin.explain_access(''app'', ''notes'', 123);';
REVOKE EXECUTE ON FUNCTION admin.explain_access(name, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.explain_access(name, text, bigint) TO ark_dba, ark_auditor;
