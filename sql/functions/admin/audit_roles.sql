SET LOCAL ROLE ark_owner;

-- A superuser is bound by nothing, and is not named here. pg_has_role says yes to it for every role.
CREATE OR REPLACE FUNCTION admin.audit_roles()
RETURNS TABLE ("check" text, severity text, object text, fix text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH login AS (
        SELECT r.oid, quote_ident(r.rolname) AS name, r.rolname
        FROM pg_roles AS r
        WHERE r.rolcanlogin AND NOT r.rolsuper
    ), grouped AS (
        SELECT l.oid AS login, g.rolname
        FROM login AS l
        JOIN pg_roles AS g ON g.rolname ~ '^ark_' AND g.rolname NOT IN ('ark_owner', 'ark_system', 'ark_migrator') AND NOT g.rolcanlogin AND pg_has_role(l.oid, g.oid, 'MEMBER')
    ), role AS (
        SELECT r.oid, quote_ident(r.rolname) AS name FROM pg_roles AS r
        WHERE NOT r.rolsuper AND r.rolname NOT IN ('ark_owner', 'ark_system', 'pg_database_owner')
    )
    SELECT 'role with BYPASSRLS', 'error', quote_ident(r.rolname), format('ALTER ROLE %I NOBYPASSRLS;', r.rolname)
    FROM pg_roles AS r
    WHERE r.rolbypassrls AND NOT r.rolsuper AND r.rolname <> 'ark_backup'
    UNION ALL
    -- It makes itself a member of what it likes, or reads every row from the log.
    SELECT 'login with CREATEROLE or REPLICATION', 'error', l.name,
           format('ALTER ROLE %s NOCREATEROLE NOREPLICATION;', l.name)
    FROM login AS l
    JOIN pg_roles AS r USING (oid)
    WHERE (r.rolcreaterole OR r.rolreplication)
      AND NOT coalesce(pg_has_role(l.oid, to_regrole('ark_migrator')::oid, 'MEMBER'), false)
      AND EXISTS (SELECT FROM grouped AS g WHERE g.login = l.oid)
    UNION ALL
    -- SET ROLE takes a group's attributes on.
    SELECT 'group with CREATEROLE or REPLICATION', 'error', quote_ident(r.rolname),
           format('ALTER ROLE %I NOCREATEROLE NOREPLICATION;', r.rolname)
    FROM pg_roles AS r
    WHERE r.rolname ~ '^ark_' AND NOT r.rolcanlogin AND (r.rolcreaterole OR r.rolreplication)
    UNION ALL
    SELECT 'superuser in a group of applications', 'error', quote_ident(r.rolname),
           format('REVOKE %I FROM %I;', g.rolname, r.rolname)
    FROM pg_auth_members AS m
    JOIN pg_roles AS r ON r.oid = m.member AND r.rolsuper
    JOIN pg_roles AS g ON g.oid = m.roleid
    WHERE g.rolname = ANY (admin.application_groups())
    UNION ALL
    -- Each of these groups sees what the others must not.
    SELECT 'login in two groups', 'error', l.name,
           format('REVOKE from %s all but one of: %s', l.name, string_agg(g.rolname, ', ' ORDER BY g.rolname))
    FROM grouped AS g
    JOIN login AS l ON l.oid = g.login
    GROUP BY l.name
    HAVING count(*) > 1 AND bool_or(g.rolname = ANY (admin.application_groups()))
    UNION ALL
    SELECT 'login that can become a role above row-level security', 'error', l.name,
           format('REVOKE %s FROM %s; or whichever role leads there', string_agg(quote_ident(r.rolname), ', '), l.name)
    FROM login AS l
    JOIN pg_roles AS r ON (r.rolsuper OR r.rolbypassrls) AND r.oid <> l.oid AND pg_has_role(l.oid, r.oid, 'MEMBER')
    GROUP BY l.name
    UNION ALL
    -- SET ROLE ark_owner is for who migrates, and by a SET ROLE only.
    SELECT 'login that can become the owner', 'error', l.name,
           format('REVOKE %s FROM %s; or whichever role leads there. Only members of ark_migrator migrate, and those work in no daemon', string_agg(quote_ident(r.rolname), ', '), l.name)
    FROM login AS l
    JOIN pg_roles AS r ON r.rolname IN ('ark_owner', 'ark_system') AND pg_has_role(l.oid, r.oid, 'MEMBER')
    WHERE pg_has_role(l.oid, r.oid, 'USAGE')
       OR NOT coalesce(pg_has_role(l.oid, to_regrole('ark_migrator')::oid, 'MEMBER'), false)
       OR EXISTS (
           SELECT FROM pg_roles AS g
           WHERE g.rolname IN ('ark_app', 'ark_app_strict', 'ark_app_ro', 'ark_bridge', 'ark_pod',
                               'ark_provisioner', 'ark_gateway', 'ark_monitor', 'ark_auditor')
             AND pg_has_role(l.oid, g.oid, 'MEMBER'))
    GROUP BY l.name
    UNION ALL
    -- Owners grant, disable row-level security, and are asked for nothing. Whoever migrates owns the
    -- ledger, and may own the database.
    SELECT 'role that owns objects', 'error', l.name,
           format('REASSIGN OWNED BY %s TO ark_owner; it owns %s', l.name,
                  string_agg(pg_describe_object(d.classid, d.objid, 0), ', ' ORDER BY d.classid, d.objid))
    FROM role AS l
    JOIN pg_shdepend AS d ON d.refclassid = 'pg_authid'::regclass AND d.refobjid = l.oid AND d.deptype = 'o'
    LEFT JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
    LEFT JOIN pg_proc AS p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
    WHERE (d.dbid = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database())
           OR (d.classid = 'pg_database'::regclass
               AND d.objid = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database())))
      AND NOT (
          coalesce(pg_has_role(l.oid, to_regrole('ark_migrator')::oid, 'MEMBER'), false)
          AND (d.classid = 'pg_database'::regclass
               OR (d.classid = 'pg_namespace'::regclass AND d.objid = to_regnamespace('migrate'))
               OR coalesce(c.relnamespace, p.pronamespace) = to_regnamespace('migrate')))
    GROUP BY l.name
    UNION ALL
    -- They read or write past all grants, or run programs as the server.
    SELECT 'login in a role of the server', 'error', l.name,
           format('REVOKE %s FROM %s; or whichever role leads there', string_agg(quote_ident(r.rolname), ', '), l.name)
    FROM login AS l
    JOIN pg_roles AS r ON pg_has_role(l.oid, r.oid, 'MEMBER')
    WHERE r.rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files',
                        'pg_write_server_files', 'pg_execute_server_program')
      AND NOT (l.rolname = 'ark_backup' AND r.rolname = 'pg_read_all_data')
    GROUP BY l.name
    UNION ALL
    -- They see what other sessions do, and end them.
    SELECT 'application in a role of the server', 'error', l.name,
           format('REVOKE %s FROM %s; or whichever role leads there', string_agg(DISTINCT quote_ident(r.rolname), ', '), l.name)
    FROM login AS l
    JOIN grouped AS g ON g.login = l.oid AND g.rolname = ANY (admin.application_groups())
    JOIN pg_roles AS r ON pg_has_role(l.oid, r.oid, 'MEMBER')
    WHERE r.rolname IN ('pg_monitor', 'pg_read_all_stats', 'pg_read_all_settings', 'pg_stat_scan_tables',
                        'pg_signal_backend', 'pg_checkpoint', 'pg_create_subscription', 'pg_maintain')
    GROUP BY l.name
    UNION ALL
    -- It sees everything, so it may change nothing.
    SELECT 'ark_backup in a group', 'error', 'ark_backup', format('REVOKE %I FROM ark_backup;', r.rolname)
    FROM pg_auth_members AS m
    JOIN pg_roles AS r ON r.oid = m.roleid
    WHERE m.member = to_regrole('ark_backup') AND r.rolname <> 'pg_read_all_data'
    UNION ALL
    -- Every login may change its own settings, SQL that is injected into it as well, and they hold for all
    -- its sessions to come.
    SELECT 'setting stored on an application''s login', CASE WHEN s.harmless THEN 'warning' ELSE 'error' END, l.name || ' ' || s.name,
           format('ALTER ROLE %s RESET %s;', l.name, s.name)
    FROM (SELECT t.setrole, split_part(c, '=', 1) AS name,
                 split_part(c, '=', 1) ~* '^(statement_timeout|lock_timeout|idle_.*_timeout|idle_in_transaction_session_timeout|timezone|work_mem|log_.*|application_name|client_min_messages|jit|plan_cache_mode)$' AS harmless
          FROM pg_db_role_setting AS t, unnest(t.setconfig) AS c
          WHERE t.setdatabase = 0 OR t.setdatabase = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())) AS s
    JOIN login AS l ON l.oid = s.setrole
    WHERE EXISTS (SELECT FROM grouped AS g WHERE g.login = l.oid AND g.rolname = ANY (admin.application_groups()))
      AND s.name !~* '^(app\.|row_security$|session_replication_role$)'
    UNION ALL
    -- An organisation that every session begins with, or a guard that it begins without.
    SELECT 'dangerous setting stored', 'error',
           coalesce('role ' || quote_ident(r.rolname), 'database ' || quote_ident(d.datname), 'all roles'),
           format('ALTER %s RESET %s;',
                  coalesce('ROLE ' || quote_ident(r.rolname) || coalesce(' IN DATABASE ' || quote_ident(d.datname), ''),
                           'DATABASE ' || quote_ident(d.datname), 'ROLE ALL'),
                  split_part(s.setting, '=', 1))
    FROM (SELECT t.setdatabase, t.setrole, unnest(t.setconfig) AS setting FROM pg_db_role_setting AS t) AS s
    LEFT JOIN pg_roles AS r ON r.oid = s.setrole
    LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
    WHERE (s.setdatabase = 0 OR d.datname = current_database())
      AND s.setting ~* '^(app\.|row_security=|session_replication_role=)'
    UNION ALL
    -- With it, triggers and foreign keys are whatever the session says.
    SELECT 'session_replication_role granted', 'error',
           CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
           format('REVOKE ALL ON PARAMETER session_replication_role FROM %s;',
                  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
    FROM pg_parameter_acl AS p, aclexplode(p.paracl) AS a
    WHERE p.parname = 'session_replication_role'
      AND a.privilege_type IN ('SET', 'ALTER SYSTEM')
      AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = a.grantee AND r.rolsuper)
    UNION ALL
    -- Only a superuser sets these, for good reasons.
    SELECT 'parameter granted to an application', 'error', p.parname || ' to ' || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
           format('REVOKE ALL ON PARAMETER %I FROM %s;', p.parname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
    FROM pg_parameter_acl AS p, aclexplode(p.paracl) AS a
    WHERE p.parname <> 'session_replication_role'
      AND (a.grantee = 0 OR EXISTS (
          SELECT FROM grouped AS g WHERE g.rolname = ANY (admin.application_groups()) AND pg_has_role(g.login, a.grantee, 'MEMBER')))
$$;

COMMENT ON FUNCTION admin.audit_roles() IS 'For admin.security_audit: what logins are, own and may become. Example: SELECT object, fix FROM admin.audit_roles();';
REVOKE EXECUTE ON FUNCTION admin.audit_roles() FROM PUBLIC;
