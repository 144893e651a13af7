SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION admin.audit_functions()
RETURNS TABLE ("check" text, severity text, object text, fix text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH function AS (
        SELECT p.*, n.nspname, o.rolname AS owner, o.rolsuper OR o.rolbypassrls AS is_of_superuser,
               p.oid::regprocedure::text AS name,
               CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS what,
               coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false) AS is_pinned,
               EXISTS (
                   SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                   WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE') AS is_public
        FROM pg_proc AS p
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
        JOIN pg_roles AS o ON o.oid = p.proowner
        WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'tap')
          AND NOT EXISTS (
              SELECT FROM pg_depend AS d
              WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    )
    -- pg_temp last and said: unsaid, it comes first, and everybody can put a table there.
    SELECT 'SECURITY DEFINER without pinned search_path', 'error', f.name,
           format('ALTER %s %s SET search_path = pg_catalog, pg_temp;', f.what, f.name)
    FROM function AS f
    WHERE f.prosecdef AND NOT f.is_pinned
    UNION ALL
    -- It runs with the caller's search_path and decides what the caller sees or writes.
    SELECT 'function of a policy or trigger without pinned search_path', 'error', f.name,
           format('ALTER %s %s SET search_path = pg_catalog, pg_temp;', f.what, f.name)
    FROM function AS f
    WHERE NOT f.prosecdef AND NOT f.is_pinned AND f.prosqlbody IS NULL
      -- Names everything by its schema instead, as its file says.
      AND f.name <> 'core.current_org()'
      AND (EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgfoid = f.oid)
           OR EXISTS (
               SELECT FROM pg_depend AS d
               WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = f.oid AND d.classid = 'pg_policy'::regclass))
    UNION ALL
    SELECT 'SECURITY DEFINER of a superuser', 'error', f.name,
           format('ALTER %s %s OWNER TO ark_system;', f.what, f.name)
    FROM function AS f
    WHERE f.prosecdef AND f.is_of_superuser
    UNION ALL
    -- A grant that somebody has written is right for what only computes, with the caller's own rights:
    -- policies and constraints call such functions as whoever asks.
    SELECT 'function executable by PUBLIC', 'error', f.name,
           format('REVOKE EXECUTE ON %s %s FROM PUBLIC;', f.what, f.name)
    FROM function AS f
    WHERE f.is_public
      AND (f.prosecdef OR f.nspname IN ('admin', 'api', 'auth', 'provisioning')
           OR (f.nspname <> 'public' AND (f.provolatile = 'v' OR f.proacl IS NULL)))
    UNION ALL
    -- What runs as ark_system sees every organisation; who may call it is part of what it is.
    SELECT 'function granted to another role', 'error', f.name,
           format('REVOKE EXECUTE ON %s %s FROM %s;', f.what, f.name, string_agg(quote_ident(pg_get_userbyid(a.grantee)), ', ' ORDER BY a.grantee))
    FROM function AS f, aclexplode(f.proacl) AS a
    WHERE a.grantee NOT IN (0, f.proowner) AND (f.prosecdef OR f.nspname = 'admin')
      AND pg_get_userbyid(a.grantee) <> ALL (ARRAY['ark_owner', 'ark_system'] || CASE
          WHEN f.nspname = 'admin' THEN '{ark_dba,ark_auditor,ark_monitor,ark_migrator}'
          WHEN f.nspname = 'provisioning' THEN '{ark_provisioner}'
          WHEN f.proname IN ('platform_values', 'platform_flags') THEN '{ark_app,ark_app_strict,ark_app_ro,ark_dba}'
          WHEN f.nspname = 'config' THEN '{ark_bridge,ark_dba}'
          WHEN f.proname IN ('pod_configs', 'pod_organizations', 'report_pod') THEN '{ark_pod}'
          WHEN f.proname = 'report_evaluations' THEN '{ark_pod,ark_app}'
          WHEN f.proname IN ('open_session', 'sign_in', 'refresh_session', 'revoke_session', 'revoke_user', 'revoke_organization',
                             'revoke_token', 'denied_tokens', 'is_denied', 'jwks') THEN '{ark_gateway,ark_dba}'
          WHEN f.nspname IN ('api', 'core') THEN '{ark_app,ark_app_strict,ark_app_ro,ark_gateway,ark_dba}'
          ELSE '{}' END::name[])
      -- In whatever schema: it runs as one who sees everything.
      AND (f.nspname IN ('admin', 'api', 'auth', 'config', 'core', 'finops', 'provisioning') OR f.owner IN ('ark_owner', 'ark_system'))
    GROUP BY f.what, f.name
    UNION ALL
    -- It would say for its caller whose rows they are.  To have policies at all events is no harm.
    SELECT 'function with a dangerous setting', 'error', f.name,
           format('ALTER %s %s RESET %s;', f.what, f.name, split_part(c, '=', 1))
    FROM function AS f, unnest(f.proconfig) AS c
    WHERE c ~* '^(app\.|row_security=(?!on$)|role=|session_authorization=|session_replication_role=)'
    UNION ALL
    -- Guards are functions of the platform's own roles.
    SELECT 'function of another owner', 'error', f.name, format('ALTER %s %s OWNER TO ark_owner;', f.what, f.name)
    FROM function AS f
    WHERE f.owner NOT IN ('ark_owner', 'ark_system') AND NOT f.is_of_superuser
      AND f.nspname IN ('admin', 'api', 'auth', 'config', 'core', 'finops', 'provisioning')
    UNION ALL
    SELECT 'privileges given from the start', 'error',
           format('%s: %s to %s', pg_get_userbyid(d.defaclrole), a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END),
           'ALTER DEFAULT PRIVILEGES FOR ROLE … REVOKE … : what is made later would be open'
    FROM pg_default_acl AS d, aclexplode(d.defaclacl) AS a
    WHERE d.defaclrole IN (to_regrole('ark_owner'), to_regrole('ark_system')) AND a.grantee <> d.defaclrole
      AND NOT (d.defaclobjtype = 'f' AND d.defaclnamespace = 0 AND a.grantee = 0)
    UNION ALL
    SELECT 'functions executable by PUBLIC from the start', 'error', o.rolname,
           format('ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;', o.rolname)
    FROM pg_roles AS o
    WHERE o.rolname IN ('ark_owner', 'ark_system')
      AND EXISTS (
          SELECT FROM aclexplode(coalesce(
              (SELECT d.defaclacl FROM pg_default_acl AS d
               WHERE d.defaclrole = o.oid AND d.defaclnamespace = 0 AND d.defaclobjtype = 'f'),
              acldefault('f', o.oid))) AS a
          WHERE a.grantee = 0)
    UNION ALL
    -- The planner may run it on rows before the policies have had their say.
    SELECT 'LEAKPROOF function', 'error', f.name,
           format('ALTER %s %s NOT LEAKPROOF;', f.what, f.name)
    FROM function AS f
    WHERE f.proleakproof
    UNION ALL
    -- PostgreSQL's own, as initdb has made them, are right; this one was changed since.
    SELECT 'LEAKPROOF function', 'error', p.oid::regprocedure::text, format('ALTER FUNCTION %s NOT LEAKPROOF;', p.oid::regprocedure)
    FROM pg_proc AS p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proleakproof AND p.xmin::text::bigint > 2
$$;

COMMENT ON FUNCTION admin.audit_functions() IS 'For admin.security_audit: functions and procedures. Example: SELECT object, fix FROM admin.audit_functions();';
REVOKE EXECUTE ON FUNCTION admin.audit_functions() FROM PUBLIC;
