SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION admin.audited_grants()
RETURNS TABLE (relation oid, grantee oid, grantee_name text, privilege text, column_name name)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT g.relation, g.grantee,
           CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
           g.privilege_type, g.attname
    FROM (
        SELECT r.relation, a.grantee, a.privilege_type, NULL::name AS attname
        FROM admin.audited_relations() AS r, aclexplode(r.acl) AS a
        WHERE a.grantee <> r.owner
        UNION ALL
        SELECT r.relation, a.grantee, a.privilege_type, c.attname
        FROM admin.audited_relations() AS r
        JOIN pg_attribute AS c ON c.attrelid = r.relation AND NOT c.attisdropped,
             aclexplode(c.attacl) AS a
        WHERE a.grantee <> r.owner
    ) AS g
$$;

COMMENT ON FUNCTION admin.audited_grants() IS
    'For admin.security_audit: who but the owner has which privilege on what is audited; column_name is NULL for a whole table. Example: SELECT relation::regclass, privilege FROM admin.audited_grants() WHERE grantee_name = ''ark_app'';';
REVOKE EXECUTE ON FUNCTION admin.audited_grants() FROM PUBLIC;
