SET LOCAL ROLE ark_owner;

CREATE SCHEMA core;
CREATE SCHEMA config;
CREATE SCHEMA auth;
CREATE SCHEMA provisioning;
CREATE SCHEMA finops;
CREATE SCHEMA api;
CREATE SCHEMA admin;

COMMENT ON SCHEMA core IS 'Organisations and their business data.';
COMMENT ON SCHEMA config IS 'Live configuration: values, history, key types, the feed to Redis.';
COMMENT ON SCHEMA auth IS 'Sessions, token denylist, public parts of signing keys.';
COMMENT ON SCHEMA provisioning IS 'The queue from a committed organisation to its namespace.';
COMMENT ON SCHEMA finops IS 'Quotas and what they cost.';
COMMENT ON SCHEMA api IS 'Functions that applications call.';
COMMENT ON SCHEMA admin IS 'Functions that administrators call in psql.';

-- A function is callable by nobody until its own file grants it.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SET LOCAL ROLE ark_system;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SET LOCAL ROLE ark_owner;

-- ark_system owns the functions that cross organisations, and lives in every schema for that.
GRANT USAGE, CREATE ON SCHEMA core, config, auth, provisioning, finops, api, admin TO ark_system;

-- USAGE decides what a role sees of the unqualified names in the database's search_path.
GRANT USAGE ON SCHEMA api
    TO ark_app, ark_app_ro, ark_pod, ark_gateway, ark_dba, ark_auditor, ark_monitor;
GRANT USAGE ON SCHEMA core, config, finops TO ark_app, ark_app_ro, ark_dba;
GRANT USAGE ON SCHEMA config TO ark_bridge;
GRANT USAGE ON SCHEMA provisioning TO ark_provisioner;
GRANT USAGE ON SCHEMA admin TO ark_dba, ark_auditor, ark_monitor;
