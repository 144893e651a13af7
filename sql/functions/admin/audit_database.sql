SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION admin.audit_database(
    p_server_version integer DEFAULT current_setting('server_version_num')::integer,
    p_prepared_for interval DEFAULT '5 minutes')
RETURNS TABLE ("check" text, severity text, object text, fix text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    -- Subscribers get every organisation's rows.
    SELECT 'publication', 'error', quote_ident(t.pubname),
           format('DROP PUBLICATION %I; or ALTER it not to publish %s', t.pubname, string_agg(r.name, ', ' ORDER BY r.name))
    FROM pg_publication_tables AS t
    JOIN admin.audited_relations() AS r ON r.name = format('%I.%I', t.schemaname, t.tablename)
    GROUP BY t.pubname
    UNION ALL
    SELECT 'large object open to PUBLIC', 'error', format('large object %s', l.oid),
           format('REVOKE ALL ON LARGE OBJECT %s FROM PUBLIC;', l.oid)
    FROM pg_largeobject_metadata AS l
    WHERE EXISTS (SELECT FROM aclexplode(l.lomacl) AS a WHERE a.grantee = 0)
    UNION ALL
    -- One login's large objects are all its organisations'. A warning, since only a superuser can mend it.
    SELECT 'large objects open to PUBLIC', 'warning', p.oid::regprocedure::text,
           'SELECT admin.apply_database_settings(); as a superuser'
    FROM pg_proc AS p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import')
      AND EXISTS (
          SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0)
    UNION ALL
    -- The same of what its other sessions are running, with every literal: a session's handle, say.
    SELECT 'statements of others open to PUBLIC', 'warning', p.oid::regprocedure::text,
           'SELECT admin.apply_database_settings(); as a superuser'
    FROM pg_proc AS p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND p.proname IN ('pg_stat_get_activity', 'pg_stat_get_backend_activity')
      AND EXISTS (
          SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0)
    UNION ALL
    -- And could end them.
    SELECT 'sessions of others can be ended by PUBLIC', 'warning', p.oid::regprocedure::text,
           'SELECT admin.apply_database_settings(); as a superuser'
    FROM pg_proc AS p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND p.proname IN ('pg_terminate_backend', 'pg_cancel_backend')
      AND EXISTS (
          SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0)
    UNION ALL
    -- Temporary tables hide ours from unqualified names, and stay behind in pooled connections.
    SELECT 'TEMPORARY open to PUBLIC', 'error', format('database %I', d.datname),
           format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC;', d.datname)
    FROM pg_database AS d
    WHERE d.datname = current_database()
      AND EXISTS (
          SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
          WHERE a.grantee = 0 AND a.privilege_type = 'TEMPORARY')
    UNION ALL
    SELECT 'TEMPORARY or CREATE granted on the database', 'error', format('database %I to %I', d.datname, pg_get_userbyid(a.grantee)),
           format('REVOKE %s ON DATABASE %I FROM %I;', a.privilege_type, d.datname, pg_get_userbyid(a.grantee))
    FROM pg_database AS d, aclexplode(d.datacl) AS a
    WHERE d.datname = current_database() AND a.privilege_type IN ('TEMPORARY', 'CREATE')
      AND a.grantee NOT IN (0, d.datdba) AND pg_get_userbyid(a.grantee) NOT IN ('ark_owner', 'ark_migrator')
    UNION ALL
    SELECT 'large objects granted', 'error', p.oid::regprocedure::text || ' to ' || quote_ident(pg_get_userbyid(a.grantee)),
           format('REVOKE EXECUTE ON FUNCTION %s FROM %I;', p.oid::regprocedure, pg_get_userbyid(a.grantee))
    FROM pg_proc AS p, aclexplode(p.proacl) AS a
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND a.grantee NOT IN (0, p.proowner)
      AND p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import', 'lo_export')
    UNION ALL
    -- Its most common values are everybody's.
    SELECT 'statistics granted', 'error', c.oid::regclass || ' to ' || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
           format('REVOKE ALL ON %s FROM %s;', c.oid::regclass, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
    FROM pg_class AS c, aclexplode(c.relacl) AS a
    WHERE c.oid IN ('pg_catalog.pg_statistic'::regclass, 'pg_catalog.pg_statistic_ext_data'::regclass) AND a.grantee <> c.relowner
    UNION ALL
    -- It holds its locks, and every horizon, over restarts, and only its own login ends it.
    SELECT 'prepared transaction of an application', 'error', quote_literal(x.gid) || ' of ' || quote_ident(x.owner),
           format('ROLLBACK PREPARED %L;', x.gid)
    FROM pg_prepared_xacts AS x
    WHERE x.database = current_database() AND x.prepared <= clock_timestamp() - p_prepared_for
    UNION ALL
    -- Whoever can create there can put something in the way of a name that is looked up there.
    SELECT 'schema that others create in', 'error', quote_ident(n.nspname),
           format('REVOKE CREATE ON SCHEMA %I FROM %s;', n.nspname,
                  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
    FROM pg_namespace AS n, aclexplode(n.nspacl) AS a
    WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'tap')
      AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner
      AND a.grantee NOT IN (SELECT r.oid FROM pg_roles AS r WHERE r.rolname IN ('ark_owner', 'ark_system'))
    UNION ALL
    -- CVE-2025-8713 and before: statistics tell of rows that policies hide.
    SELECT 'server with known holes in row-level security', 'error',
           format('PostgreSQL %s.%s', p_server_version / 10000, p_server_version % 10000),
           'Install the latest minor release: at least 15.14, 16.10 or 17.6; the data directory stays as it is'
    WHERE p_server_version < 150014
       OR p_server_version BETWEEN 160000 AND 160009
       OR p_server_version BETWEEN 170000 AND 170005
$$;

COMMENT ON FUNCTION admin.audit_database(integer, interval) IS
    'For admin.security_audit: publications, large objects, statements of other sessions, temporary tables, schemas, the server. p_server_version as in server_version_num; p_prepared_for: how long a prepared transaction may be open. Example: SELECT object, fix FROM admin.audit_database(150013);';
REVOKE EXECUTE ON FUNCTION admin.audit_database(integer, interval) FROM PUBLIC;
