SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.is_secret_ref(p_value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$
    SELECT p_value OPERATOR(pg_catalog.~)
        '^(vault|k8s|aws-sm|aws-ssm|gcp-sm|azure-kv|op)://[A-Za-z0-9][A-Za-z0-9._-]{0,63}(/[A-Za-z0-9][A-Za-z0-9._-]{0,63}){0,7}(#[A-Za-z0-9._-]{1,63})?$'
$$;

COMMENT ON FUNCTION config.is_secret_ref(text) IS
    'Whether a text names a secret in an external store: vault://kv/payments#token, k8s://namespace/secret#key, aws-sm://…, aws-ssm://…, gcp-sm://…, azure-kv://…, op://….';
REVOKE EXECUTE ON FUNCTION config.is_secret_ref(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.is_secret_ref(text) TO ark_system, ark_app, ark_app_strict, ark_dba;
