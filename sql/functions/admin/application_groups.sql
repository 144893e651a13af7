SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION admin.application_groups() RETURNS name[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY['ark_app', 'ark_app_strict', 'ark_app_ro', 'ark_bridge', 'ark_pod', 'ark_provisioner', 'ark_gateway']::name[];

COMMENT ON FUNCTION admin.application_groups() IS
    'For admin.security_audit: the groups of programs. A login is in one of them, and in no other group of the platform. Example: SELECT admin.application_groups();';
REVOKE EXECUTE ON FUNCTION admin.application_groups() FROM PUBLIC;
