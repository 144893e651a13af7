SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION admin.audit_policies()
RETURNS TABLE ("check" text, severity text, object text, fix text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH policy AS (
        SELECT p.*, r.name, r.org_column, format('%I on %s', p.polname, r.name) AS object,
               pg_get_expr(p.polqual, p.polrelid) AS qual, pg_get_expr(p.polwithcheck, p.polrelid) AS checked,
               p.polroles = ARRAY[to_regrole('ark_system')::oid] AS is_system
        FROM pg_policy AS p
        JOIN admin.audited_relations() AS r ON r.relation = p.polrelid
    ),
    -- RESTRICTIVE, for every command, and the organisation decides: it alone, or it AND something else,
    -- asked for once per statement. A table without org_id may take any way to the organisation.
    scope AS (
        SELECT p.polrelid, p.polroles
        FROM policy AS p
        LEFT JOIN pg_attribute AS a ON a.attrelid = p.polrelid AND a.attnum = p.org_column,
             concat('(', quote_ident(a.attname), ' = ( SELECT core.current_org() AS current_org))') AS wanted
        WHERE NOT p.polpermissive AND p.polcmd = '*'
          -- What is written stays in the organisation, too, or is not written at all.
          AND CASE WHEN p.org_column IS NULL THEN strpos(p.qual, '= ( SELECT core.current_org() AS current_org)') > 0
                        AND p.qual !~ '\mOR\M' AND p.checked = 'false'
                   ELSE (p.qual = wanted OR starts_with(p.qual, '(' || wanted || ' AND '))
                        AND (p.checked IN (wanted, 'false') OR starts_with(p.checked, '(' || wanted || ' AND ')) END
    )
    SELECT 'no RESTRICTIVE scope for a role', 'error', r.name,
           format('Make a policy AS RESTRICTIVE TO %s USING (org_id = (SELECT core.current_org())) on %s, or add to that in sql/rls', string_agg(g.grantee_name, ', '), r.name)
    FROM admin.audited_relations() AS r
    JOIN (SELECT DISTINCT relation, grantee, grantee_name FROM admin.audited_grants()) AS g USING (relation)
    WHERE r.is_tenants AND g.grantee IS DISTINCT FROM to_regrole('ark_system')::oid
      AND NOT EXISTS (
          SELECT FROM scope AS s, unnest(s.polroles) AS role
          WHERE s.polrelid = r.relation
            AND (role = 0 OR (g.grantee <> 0 AND pg_has_role(g.grantee, role, 'USAGE'))))
    GROUP BY r.name
    UNION ALL
    -- PostgreSQL would take USING for it; whoever changes USING later changes what may be written.
    SELECT 'policy without WITH CHECK', 'error', p.object,
           format('ALTER POLICY %I ON %s WITH CHECK (%s);', p.polname, p.name, coalesce(p.qual, 'false'))
    FROM policy AS p
    WHERE p.polcmd IN ('*', 'a', 'w') AND p.polwithcheck IS NULL
    UNION ALL
    -- true, or for a permissive policy anything else that does not look at the row.
    SELECT 'policy that lets every row pass', 'error', p.object,
           format('DROP POLICY %I ON %s; only ark_system sees every organisation', p.polname, p.name)
    FROM policy AS p
    WHERE NOT p.is_system AND (
        'true' IN (p.qual, p.checked)
        OR (p.polpermissive AND (
            (p.qual <> 'false' AND p.polqual::text !~ '\{VAR ')
            OR (p.checked <> 'false' AND p.polwithcheck::text !~ '\{VAR '))))
    UNION ALL
    SELECT 'RESTRICTIVE policy that binds ark_system', 'error', p.object,
           format('ALTER POLICY %I ON %s TO …; with the roles that it is meant for, by name', p.polname, p.name)
    FROM policy AS p, unnest(p.polroles) AS role
    WHERE NOT p.polpermissive
      AND (role = 0 OR pg_has_role(to_regrole('ark_system')::oid, role, 'USAGE'))
    UNION ALL
    -- In strict mode the user's role decides, not only the organisation: a viewer changes nothing, a member
    -- no configuration.
    SELECT 'strict login writes without a role', 'error', format('%s on %s', g.privilege, r.name),
           format('Make a policy AS RESTRICTIVE FOR %s TO ark_app_strict with (SELECT core.may(''%s'')) on %s', g.privilege, w.role, r.name)
    FROM admin.audited_relations() AS r
    JOIN (SELECT DISTINCT relation, privilege FROM admin.audited_grants()
          WHERE grantee = 0 OR pg_has_role(to_regrole('ark_app_strict')::oid, grantee, 'USAGE')) AS g USING (relation)
    JOIN (VALUES ('INSERT', 'a'), ('UPDATE', 'w'), ('DELETE', 'd')) AS c (privilege, cmd) USING (privilege)
    CROSS JOIN LATERAL (SELECT CASE WHEN starts_with(r.name, 'config.') THEN 'admin' ELSE 'member' END AS role) AS w
    WHERE r.is_tenants
      AND NOT EXISTS (
          SELECT FROM policy AS p
          WHERE p.polrelid = r.relation AND NOT p.polpermissive AND p.polcmd::text IN ('*', c.cmd)
            AND (0 = ANY (p.polroles) OR to_regrole('ark_app_strict')::oid = ANY (p.polroles))
            AND CASE c.cmd WHEN 'a' THEN p.checked WHEN 'd' THEN p.qual ELSE least(p.qual, p.checked) END
                = format('( SELECT core.may(''%s''::text) AS may)', w.role)
            AND (c.cmd <> 'w' OR p.qual = p.checked))
$$;

COMMENT ON FUNCTION admin.audit_policies() IS 'For admin.security_audit: what the policies say, and for whom. Example: SELECT object, fix FROM admin.audit_policies();';
REVOKE EXECUTE ON FUNCTION admin.audit_policies() FROM PUBLIC;
