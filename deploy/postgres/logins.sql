-- The logins of a small installation: one per daemon, per platform service, per kind of person. Run
-- by psql, in the platform's database, by whoever may create roles; safe to run again.
--
-- Without passwords: over the private socket of `make up` none is asked for. Elsewhere give each login
-- one of its own (\password), or a certificate.
\set ON_ERROR_STOP on

CREATE OR REPLACE PROCEDURE pg_temp.make_login(p_login name, p_group name)
LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        EXECUTE format('CREATE ROLE %I LOGIN', p_login);
    EXCEPTION WHEN duplicate_object THEN
        NULL;
    END;
    EXECUTE format('GRANT %I TO %I', p_group, p_login);
END
$$;

SET client_min_messages = warning;
CALL pg_temp.make_login('bridge', 'ark_bridge');
CALL pg_temp.make_login('provisioner', 'ark_provisioner');
CALL pg_temp.make_login('app', 'ark_app');
CALL pg_temp.make_login('app_strict', 'ark_app_strict');
CALL pg_temp.make_login('app_ro', 'ark_app_ro');
CALL pg_temp.make_login('gateway', 'ark_gateway');
CALL pg_temp.make_login('auditor', 'ark_auditor');
CALL pg_temp.make_login('dba', 'ark_dba');
CALL pg_temp.make_login('monitor', 'ark_monitor');
CALL pg_temp.make_login('pod_ai', 'ark_pod');
CALL pg_temp.make_login('pod_email', 'ark_pod');
CALL pg_temp.make_login('pod_webhook', 'ark_pod');
CALL pg_temp.make_login('pod_features', 'ark_pod');
CALL pg_temp.make_login('pod_api', 'ark_pod');
-- The agent of a node. That of a tenant's workload has a login of its own, bound to one organisation
-- (docs/agent.md).
CALL pg_temp.make_login('agent', 'ark_pod');

-- Backups must not be filtered: pg_dump of a table with row-level security would dump nothing. The only
-- login with BYPASSRLS; it takes a superuser to make it.
SELECT 'CREATE ROLE ark_backup LOGIN BYPASSRLS' WHERE to_regrole('ark_backup') IS NULL
\gexec
GRANT pg_read_all_data TO ark_backup;

-- PgBouncer looks up with it who may come. It has no right but those of everybody.
SELECT 'CREATE ROLE pgbouncer LOGIN' WHERE to_regrole('pgbouncer') IS NULL
\gexec

DO $$
BEGIN
    PERFORM admin.bind_pod('pod_' || s, s), admin.bind_pod('agent', s)
    FROM unnest(ARRAY['ai', 'email', 'webhook', 'features', 'api']) AS s;
END
$$;
