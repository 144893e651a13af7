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
    )
    SELECT 'role with BYPASSRLS', 'error', quote_ident(r.rolname), format('ALTER ROLE %I NOBYPASSRLS;', r.rolname)
    FROM pg_roles AS r
    WHERE r.rolbypassrls AND NOT r.rolsuper AND r.rolname <> 'ark_backup'
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
    SELECT 'login that owns objects', 'error', l.name,
           format('REASSIGN OWNED BY %s TO ark_owner; it owns %s', l.name,
                  string_agg(pg_describe_object(d.classid, d.objid, 0), ', ' ORDER BY d.classid, d.objid))
    FROM login AS l
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
    -- It sees everything, so it may change nothing.
    SELECT 'ark_backup in a group', 'error', 'ark_backup', format('REVOKE %I FROM ark_backup;', r.rolname)
    FROM pg_auth_members AS m
    JOIN pg_roles AS r ON r.oid = m.roleid
    WHERE m.member = to_regrole('ark_backup') AND r.rolname <> 'pg_read_all_data'
    UNION ALL
    -- What the strict group must show a handle for, the others only SET, or hand out.
    SELECT 'strict login in another group', 'error', l.name, format('REVOKE %I FROM %s;', g.rolname, l.name)
    FROM login AS l
    JOIN pg_roles AS g ON g.rolname IN ('ark_app', 'ark_app_ro', 'ark_gateway', 'ark_dba')
    WHERE pg_has_role(l.oid, to_regrole('ark_app_strict')::oid, 'MEMBER') AND pg_has_role(l.oid, g.oid, 'MEMBER')
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
      AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = a.grantee AND r.rolsuper)
$$;

COMMENT ON FUNCTION admin.audit_roles() IS 'For admin.security_audit: what logins are, own and may become. Example: SELECT object, fix FROM admin.audit_roles();';
REVOKE EXECUTE ON FUNCTION admin.audit_roles() FROM PUBLIC;
