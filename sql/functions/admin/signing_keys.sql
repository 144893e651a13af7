SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.signing_keys()
RETURNS TABLE (
    kid text, algorithm text, state text, not_before timestamptz, not_after timestamptz,
    added_by text, added_at timestamptz, retired_by text, retire_reason text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.kid, k.algorithm,
           CASE WHEN k.not_after <= statement_timestamp() THEN 'retired'
                WHEN k.not_before > statement_timestamp() THEN 'to come'
                WHEN k.not_after IS NOT NULL THEN 'in use, to be retired'
                ELSE 'in use' END,
           k.not_before, k.not_after, k.added_by, k.added_at, k.retired_by, k.retire_reason
    FROM auth.signing_keys AS k
    ORDER BY k.not_before DESC, k.kid
$$;

COMMENT ON FUNCTION admin.signing_keys() IS
    'The keys that access tokens are signed with, the youngest first. Example: SELECT kid, state, not_after FROM admin.signing_keys();';
REVOKE EXECUTE ON FUNCTION admin.signing_keys() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.signing_keys() TO ark_dba, ark_auditor, ark_monitor;

CREATE OR REPLACE VIEW admin.signing_keys WITH (security_invoker = true) AS SELECT * FROM admin.signing_keys();
COMMENT ON VIEW admin.signing_keys IS
    'The keys that access tokens are signed with, the youngest first. The rows of admin.signing_keys(). Example: TABLE admin.signing_keys;';
GRANT SELECT ON admin.signing_keys TO ark_dba, ark_auditor, ark_monitor;
