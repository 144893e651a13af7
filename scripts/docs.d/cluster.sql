-- What pg_dump leaves out of a database's schema, as statements: the group roles and who is a member of
-- which, the rights on the database, its settings, the rights on PostgreSQL's own functions.
\pset format unaligned
\pset tuples_only on
\pset pager off

SELECT E'\n-- Roles, the database and PostgreSQL''s own functions, which pg_dump leaves out\n';

SELECT format('CREATE ROLE %I %s;', r.rolname, concat_ws(' ',
           CASE WHEN r.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END, CASE WHEN r.rolsuper THEN 'SUPERUSER' END,
           CASE WHEN NOT r.rolinherit THEN 'NOINHERIT' END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,
           CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
           CASE WHEN r.rolreplication THEN 'REPLICATION' END))
FROM pg_roles AS r
WHERE r.rolname ~ '^ark_' AND NOT r.rolcanlogin
ORDER BY r.rolname;
\echo

SELECT format('GRANT %I TO %I%s;', g.rolname, m.rolname, CASE WHEN a.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END)
FROM pg_auth_members AS a
JOIN pg_roles AS g ON g.oid = a.roleid
JOIN pg_roles AS m ON m.oid = a.member
WHERE m.rolname ~ '^ark_' AND NOT m.rolcanlogin
ORDER BY g.rolname, m.rolname;
\echo

SELECT format('GRANT %s ON DATABASE CURRENT TO %s;', string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type),
           CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
FROM pg_database AS d, aclexplode(d.datacl) AS a
WHERE d.datname = current_database() AND a.grantee <> d.datdba
GROUP BY a.grantee
ORDER BY 1;

SELECT format('ALTER DATABASE CURRENT SET %s;', c)
FROM pg_db_role_setting AS s, unnest(s.setconfig) AS c
WHERE s.setdatabase = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()) AND s.setrole = 0
ORDER BY c;

\echo
SELECT concat_ws(E'\n', format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC;', p.oid::regprocedure), g.statement)
FROM pg_proc AS p
LEFT JOIN pg_init_privs AS i ON i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid
CROSS JOIN LATERAL (
    SELECT format('GRANT EXECUTE ON FUNCTION %s TO %s;', p.oid::regprocedure, string_agg(a.grantee::regrole::text, ', ' ORDER BY a.grantee::regrole::text)) AS statement
    FROM aclexplode(p.proacl) AS a
    WHERE a.grantee NOT IN (0, p.proowner)
    HAVING count(*) > 0
    UNION ALL SELECT NULL
    LIMIT 1) AS g
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proacl IS DISTINCT FROM i.initprivs
ORDER BY p.oid::regprocedure::text;
