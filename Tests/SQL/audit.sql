-- admin.security_audit: every kind of finding is provoked once, named exactly, mended by its own words
-- where those are a statement, and gone afterwards.
SELECT * FROM no_plan();

CREATE FUNCTION tap.findings() RETURNS TABLE (finding text, fix text)
LANGUAGE sql AS $$
    SELECT CASE f.severity WHEN 'error' THEN '' ELSE f.severity || ': ' END || f."check" || ': ' || f.object, f.fix
    FROM admin.security_audit() AS f
$$;

CREATE TEMP TABLE before AS SELECT finding FROM tap.findings();

-- What the audit finds after some statements that it did not find before, one finding per line. Follows
-- what it advises, if that is a statement, and says so where it does not help. Nothing of it stays.
CREATE FUNCTION tap.provoked(VARIADIC p_statements text[]) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_found text[] := '{}';
    v_one   record;
    v_text  text;
BEGIN
    BEGIN
        FOREACH v_text IN ARRAY p_statements LOOP
            EXECUTE v_text;
        END LOOP;
        FOR v_one IN SELECT * FROM tap.findings() AS f WHERE f.finding NOT IN (SELECT b.finding FROM before AS b) ORDER BY f.finding COLLATE "C" LOOP
            v_found := v_found || v_one.finding;
            IF v_one.fix ~ ';$' THEN
                EXECUTE v_one.fix;
                IF EXISTS (SELECT FROM tap.findings() AS f WHERE f.finding = v_one.finding) THEN
                    v_found := v_found || ('not mended by ' || v_one.fix);
                END IF;
            ELSIF v_one.fix IS NULL OR length(v_one.fix) < 20 THEN
                v_found := v_found || 'no advice'::text;
            END IF;
        END LOOP;
        RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = array_to_string(v_found, E'\n');
    EXCEPTION WHEN SQLSTATE 'TAP00' THEN
        RETURN SQLERRM;
    END;
END
$$;

SELECT is(count(*), 0::bigint, 'nothing is found in what we ship: ' || coalesce(string_agg(finding || ' -> ' || fix, '; '), ''))
FROM tap.findings();

-- Each in a transaction of its own: a long one would keep other tests of the cluster waiting.
SELECT format('SELECT is(tap.provoked(%L), %L, %L)', statement, finding, format('%s: %s', statement, replace(finding, E'\n', ', ')))
FROM (VALUES
    -- Tables.
    ('ALTER TABLE core.notes DISABLE ROW LEVEL SECURITY', 'table without row-level security: core.notes'),
    ('ALTER TABLE core.notes NO FORCE ROW LEVEL SECURITY', 'table without FORCE ROW LEVEL SECURITY: core.notes'),
    -- Roles in strict mode.
    ('DROP POLICY role_update_member ON core.projects', 'strict login writes without a role: UPDATE on core.projects'),
    ('DROP POLICY role_delete_member ON core.notes', 'strict login writes without a role: DELETE on core.notes'),
    ('DROP POLICY role_insert_member ON core.documents', 'strict login writes without a role: INSERT on core.documents'),
    ('ALTER POLICY role_update_member ON core.notes WITH CHECK ((SELECT core.may(''viewer'')))', 'strict login writes without a role: UPDATE on core.notes'),
    ('ALTER POLICY role_update_admin ON config.service_configs USING ((SELECT core.may(''member''))) WITH CHECK ((SELECT core.may(''member'')))', 'strict login writes without a role: UPDATE on config.service_configs'),
    ('ALTER POLICY role_insert_admin ON config.service_configs TO ark_app', 'strict login writes without a role: INSERT on config.service_configs'),
    ('CREATE TABLE core.forgotten (org_id bigint)',
        E'table without FORCE ROW LEVEL SECURITY: core.forgotten\ntable without row-level security: core.forgotten'),
    ('CREATE TABLE public.forgotten (org_id bigint)',
        E'table without FORCE ROW LEVEL SECURITY: public.forgotten\ntable without row-level security: public.forgotten'),
    ('GRANT SELECT ON provisioning.plans TO ark_app', 'granted table without row-level security: provisioning.plans'),
    ('GRANT SELECT (cpu) ON provisioning.plans TO PUBLIC', 'granted table without row-level security: provisioning.plans'),
    ('GRANT UPDATE ON config.key_schema TO ark_dba', 'granted table without row-level security: config.key_schema'),
    ('GRANT SELECT, INSERT ON migrate.ledger TO ark_migrator', ''),
    ('GRANT UPDATE ON migrate.ledger TO ark_migrator', 'granted table without row-level security: migrate.ledger'),
    ('GRANT SELECT ON migrate.ledger TO ark_dba', 'granted table without row-level security: migrate.ledger'),
    ('GRANT TRUNCATE ON core.notes TO ark_app', 'TRUNCATE, REFERENCES or TRIGGER granted: core.notes'),
    ('GRANT TRUNCATE ON core.notes TO ark_system', 'TRUNCATE, REFERENCES or TRIGGER granted: core.notes'),
    ('GRANT REFERENCES (id) ON core.notes TO ark_app', 'TRUNCATE, REFERENCES or TRIGGER granted: core.notes'),
    ('GRANT TRIGGER ON core.notes TO ark_dba', 'TRUNCATE, REFERENCES or TRIGGER granted: core.notes'),
    ('GRANT USAGE ON SEQUENCE core.notes_id_seq TO ark_app', 'sequence granted: core.notes_id_seq'),
    -- Views.
    ('CREATE VIEW core.all_notes AS SELECT * FROM core.notes', 'view without security_invoker: core.all_notes'),
    ('CREATE VIEW admin.all_notes WITH (security_invoker = off) AS SELECT * FROM core.notes', 'view without security_invoker: admin.all_notes'),
    ('CREATE VIEW core.own_notes WITH (security_invoker) AS SELECT * FROM core.notes', ''),
    -- Policies.
    ('DROP POLICY scope_all_current_org ON core.projects', 'no RESTRICTIVE scope for a role: core.projects'),
    ('ALTER POLICY scope_all_current_org ON core.notes TO ark_app, ark_app_strict, ark_dba', 'no RESTRICTIVE scope for a role: core.notes'),
    ('ALTER POLICY scope_all_current_org ON core.users USING (id > 0)', 'no RESTRICTIVE scope for a role: core.users'),
    ('ALTER POLICY scope_all_current_org ON core.notes USING (org_id = (SELECT core.current_org()) OR id > 0)', 'no RESTRICTIVE scope for a role: core.notes'),
    ('ALTER POLICY scope_all_current_org ON core.notes USING ((org_id = (SELECT core.current_org()) AND id > 5) OR id > 0)', 'no RESTRICTIVE scope for a role: core.notes'),
    ('ALTER POLICY scope_all_current_org ON core.notes USING (org_id = core.current_org())', 'no RESTRICTIVE scope for a role: core.notes'),
    ('ALTER POLICY scope_all_current_org ON core.notes USING (org_id = (SELECT core.current_org()) AND id > 0)', ''),
    ('GRANT SELECT ON core.notes TO ark_gateway', 'no RESTRICTIVE scope for a role: core.notes'),
    ('GRANT UPDATE (content) ON core.notes TO ark_gateway', 'no RESTRICTIVE scope for a role: core.notes'),
    ('CREATE POLICY half ON core.notes TO ark_app USING (id > 0)', 'policy without WITH CHECK: half on core.notes'),
    ('CREATE POLICY half ON core.notes FOR UPDATE TO ark_app USING (id > 0)', 'policy without WITH CHECK: half on core.notes'),
    ('CREATE POLICY wide ON core.notes FOR SELECT TO ark_app USING (true)', 'policy that lets every row pass: wide on core.notes'),
    ('CREATE POLICY wide ON core.notes FOR SELECT TO ark_app USING (1 = 1)', 'policy that lets every row pass: wide on core.notes'),
    ('CREATE POLICY wide ON core.notes FOR SELECT TO ark_app, ark_system USING (true)', 'policy that lets every row pass: wide on core.notes'),
    ('CREATE POLICY wide ON core.notes FOR SELECT USING (core.current_org() IS NOT NULL)', 'policy that lets every row pass: wide on core.notes'),
    ('CREATE POLICY wide ON core.notes FOR INSERT TO ark_app WITH CHECK (true)', 'policy that lets every row pass: wide on core.notes'),
    ('CREATE POLICY wide ON core.notes AS RESTRICTIVE FOR SELECT TO ark_app USING (true)', 'policy that lets every row pass: wide on core.notes'),
    ('ALTER POLICY ark_system_all_everything ON core.notes TO ark_system, ark_dba', 'policy that lets every row pass: ark_system_all_everything on core.notes'),
    ('CREATE POLICY narrow ON core.notes AS RESTRICTIVE FOR SELECT USING (id > 0)', 'RESTRICTIVE policy that binds ark_system: narrow on core.notes'),
    ('ALTER POLICY scope_all_current_org ON core.notes WITH CHECK (org_id > 0)', 'no RESTRICTIVE scope for a role: core.notes'),
    ('ALTER POLICY scope_all_current_org ON core.notes WITH CHECK (org_id = (SELECT core.current_org()) OR id > 0)', 'no RESTRICTIVE scope for a role: core.notes'),
    ('ALTER POLICY scope_all_current_org ON core.notes WITH CHECK (false)', ''),
    ('ALTER POLICY scope_all_current_org ON core.users USING (id > 0 OR core.current_org() IS NULL)', 'no RESTRICTIVE scope for a role: core.users'),
    ('ALTER POLICY scope_all_current_org ON core.users WITH CHECK (id > 0)', 'no RESTRICTIVE scope for a role: core.users'),
    -- Keys.
    ('ALTER TABLE core.users ADD UNIQUE (email)', 'unique key that crosses organisations: core.users_email_key on core.users'),
    ('ALTER TABLE core.organizations ADD UNIQUE (owner_email)', 'unique key that crosses organisations: core.organizations_owner_email_key on core.organizations'),
    ('ALTER TABLE core.notes ADD writer bigint REFERENCES core.users', 'foreign key that crosses organisations: notes_writer_fkey on core.notes'),
    ('CREATE INDEX n ON core.notes (content)', 'index that others can look into: core.n on core.notes'),
    ('CREATE INDEX n ON core.memberships (user_id)', 'index that others can look into: core.n on core.memberships'),
    ('CREATE INDEX n ON core.notes (lower(content))', ''),
    ('CREATE INDEX n ON core.notes (org_id, content)', ''),
    ('ALTER TABLE core.notes ADD UNIQUE (id)', 'unique key that crosses organisations: core.notes_id_key on core.notes'),
    ('CREATE UNIQUE INDEX n ON core.notes (lower(content))', 'unique key that crosses organisations: core.n on core.notes'),
    ('CREATE UNIQUE INDEX n ON core.notes (id) INCLUDE (org_id)', 'unique key that crosses organisations: core.n on core.notes'),
    ('ALTER TABLE core.notes ADD CONSTRAINT n EXCLUDE (id WITH =)', 'unique key that crosses organisations: core.n on core.notes'),
    ('ALTER TABLE provisioning.kinds ADD org bigint REFERENCES core.organizations', E'foreign key that crosses organisations: kinds_org_fkey on provisioning.kinds\ntable without FORCE ROW LEVEL SECURITY: provisioning.kinds\ntable without row-level security: provisioning.kinds'),
    ('ALTER TABLE core.notes ADD other bigint REFERENCES core.organizations', 'foreign key that crosses organisations: notes_other_fkey on core.notes'),
    -- Functions.
    ('GRANT EXECUTE ON FUNCTION api.open_session(bigint, bigint, interval) TO ark_app_strict', 'function granted to another role: api.open_session(bigint,bigint,interval)'),
    ('GRANT EXECUTE ON FUNCTION admin.changes(text, interval) TO ark_app', 'function granted to another role: admin.changes(text,interval)'),
    ('GRANT EXECUTE ON FUNCTION config.erase_history(bigint, bigint, text[], text) TO ark_app', 'function granted to another role: config.erase_history(bigint,bigint,text[],text)'),
    ('GRANT EXECUTE ON FUNCTION provisioning.claim(text, interval) TO ark_dba', 'function granted to another role: provisioning.claim(text,interval)'),
    ('ALTER FUNCTION api.get_configs(text) SET app.current_org = ''2''', 'function with a dangerous setting: api.get_configs(text)'),
    ('ALTER FUNCTION api.get_configs(text) SET row_security = off', 'function with a dangerous setting: api.get_configs(text)'),
    ('ALTER FUNCTION pg_catalog.textlike(text, text) LEAKPROOF', 'LEAKPROOF function: textlike(text,text)'),
    ('ALTER DEFAULT PRIVILEGES FOR ROLE ark_owner GRANT SELECT ON TABLES TO PUBLIC', 'privileges given from the start: ark_owner: SELECT to PUBLIC'),
    ('ALTER DEFAULT PRIVILEGES FOR ROLE ark_system IN SCHEMA api GRANT EXECUTE ON FUNCTIONS TO ark_app', 'privileges given from the start: ark_system: EXECUTE to ark_app'),
    ('ALTER FUNCTION core.session() RESET search_path', 'SECURITY DEFINER without pinned search_path: core.session()'),
    ('ALTER FUNCTION core.session() SET search_path = pg_catalog', 'SECURITY DEFINER without pinned search_path: core.session()'),
    ('ALTER FUNCTION core.session() SET search_path = pg_temp, pg_catalog', 'SECURITY DEFINER without pinned search_path: core.session()'),
    ('ALTER FUNCTION core.session() SET search_path = pg_catalog, public, pg_temp', 'SECURITY DEFINER without pinned search_path: core.session()'),
    ('ALTER FUNCTION core.may(text) RESET search_path', 'function of a policy or trigger without pinned search_path: core.may(text)'),
    ('ALTER FUNCTION core.tg_append_only() RESET search_path', 'function of a policy or trigger without pinned search_path: core.tg_append_only()'),
    ('ALTER FUNCTION core.session() OWNER TO postgres', 'SECURITY DEFINER of a superuser: core.session()'),
    ('GRANT EXECUTE ON FUNCTION core.session() TO PUBLIC', 'function executable by PUBLIC: core.session()'),
    ('GRANT EXECUTE ON FUNCTION api.delete_note(bigint) TO PUBLIC', 'function executable by PUBLIC: api.delete_note(bigint)'),
    ('CREATE FUNCTION core.f() RETURNS int LANGUAGE sql IMMUTABLE AS ''SELECT 1''', 'function executable by PUBLIC: core.f()'),
    ('CREATE PROCEDURE core.p() LANGUAGE sql AS ''SELECT 1''', 'function executable by PUBLIC: core.p()'),
    ('ALTER DEFAULT PRIVILEGES FOR ROLE ark_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC', 'functions executable by PUBLIC from the start: ark_owner'),
    ('ALTER DEFAULT PRIVILEGES FOR ROLE ark_system GRANT EXECUTE ON FUNCTIONS TO PUBLIC', 'functions executable by PUBLIC from the start: ark_system'),
    ('ALTER FUNCTION core.may(text) LEAKPROOF', 'LEAKPROOF function: core.may(text)'),
    -- Triggers.
    ('ALTER TABLE config.config_history DISABLE TRIGGER append_only', 'disabled trigger: append_only on config.config_history'),
    ('ALTER TABLE config.config_history ENABLE REPLICA TRIGGER append_only', 'disabled trigger: append_only on config.config_history'),
    ('ALTER TABLE config.config_history ENABLE TRIGGER append_only', 'warning: trigger that session_replication_role passes: append_only on config.config_history'),
    ('DROP TRIGGER append_only ON config.config_history', 'missing trigger: append_only on config.config_history'),
    ('ALTER TABLE config.service_configs DROP CONSTRAINT value_is_no_secret, ADD CONSTRAINT value_is_no_secret CHECK (true)', 'constraint that says something else: value_is_no_secret on config.service_configs'),
    ('DROP TRIGGER append_only ON config.config_history_default', 'missing trigger: append_only on config.config_history_default'),
    ('GRANT EXECUTE ON FUNCTION admin.audit_roles() TO PUBLIC', 'function executable by PUBLIC: admin.audit_roles()'),
    ('GRANT EXECUTE ON FUNCTION api.get_configs(text) TO PUBLIC', 'function executable by PUBLIC: api.get_configs(text)'),
    ('DROP TRIGGER record_update ON config.service_configs', 'missing trigger: record_update on config.service_configs'),
    ('CREATE OR REPLACE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON finops.quota_changes FOR EACH STATEMENT EXECUTE FUNCTION core.tg_append_only()',
     E'missing trigger: append_only on finops.quota_changes\nwarning: trigger that session_replication_role passes: append_only on finops.quota_changes'),
    ('CREATE RULE hide AS ON INSERT TO config.config_history DO INSTEAD NOTHING', 'rule on a table: hide on config.config_history'),
    ('ALTER TABLE config.service_configs DROP CONSTRAINT value_is_no_secret', 'missing constraint: value_is_no_secret on config.service_configs'),
    ('GRANT DELETE ON config.config_history TO ark_dba', 'append-only table that can be changed: config.config_history'),
    ('GRANT UPDATE (reason) ON finops.quota_changes TO ark_app', 'append-only table that can be changed: finops.quota_changes'),
    -- The database.
    ('GRANT SELECT ON pg_catalog.pg_statistic TO ark_app', 'statistics granted: pg_statistic to ark_app'),
    ('GRANT EXECUTE ON FUNCTION pg_catalog.lo_create(oid) TO ark_app', 'large objects granted: lo_create(oid) to ark_app'),
    ('CREATE PUBLICATION p FOR TABLE core.notes', 'publication: p'),
    ('CREATE PUBLICATION p FOR ALL TABLES', 'publication: p'),
    ('CREATE PUBLICATION p FOR TABLES IN SCHEMA core', 'publication: p'),
    ('GRANT EXECUTE ON FUNCTION pg_catalog.lo_create(oid) TO PUBLIC', 'warning: large objects open to PUBLIC: lo_create(oid)'),
    ('GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_get_activity(integer) TO PUBLIC',
     'warning: statements of others open to PUBLIC: pg_stat_get_activity(integer)'),
    ('GRANT EXECUTE ON FUNCTION pg_catalog.pg_cancel_backend(integer) TO PUBLIC',
     'warning: sessions of others can be ended by PUBLIC: pg_cancel_backend(integer)'),
    ('GRANT CREATE ON SCHEMA core TO ark_app', 'schema that others create in: core'),
    ('GRANT CREATE ON SCHEMA public TO PUBLIC', 'schema that others create in: public')
) AS v (statement, finding) \gexec

-- What takes more than one statement.
SELECT is(tap.provoked('CREATE TRIGGER hide BEFORE INSERT ON config.config_history FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    'ALTER TABLE config.config_history ENABLE ALWAYS TRIGGER hide'), 'unknown trigger on a guarded table: hide on config.config_history', 'a trigger that keeps rows out');
SELECT is(tap.provoked('SELECT lo_create(4242)', 'GRANT SELECT ON LARGE OBJECT 4242 TO PUBLIC'), 'large object open to PUBLIC: large object 4242', 'a large object');
SELECT is(tap.provoked(format('GRANT %s ON DATABASE %I TO ark_app_strict', privilege, current_database())),
    format('TEMPORARY or CREATE granted on the database: database %I to ark_app_strict', current_database()), privilege)
FROM unnest(ARRAY['TEMPORARY', 'CREATE']) AS privilege;
SELECT is(tap.provoked(format('GRANT TEMPORARY ON DATABASE %I TO PUBLIC', current_database())),
    'TEMPORARY open to PUBLIC: database ' || quote_ident(current_database()), 'temporary tables');
-- pg_dump writes the rights that are not PostgreSQL's own: none are left for pg_upgrade to stop at.
CREATE VIEW tap.changed_rights AS
SELECT p.oid::regprocedure::text AS name FROM pg_proc AS p
LEFT JOIN pg_init_privs AS i ON i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid
CROSS JOIN LATERAL (SELECT coalesce(p.proacl, acldefault('f', p.proowner)) AS now, coalesce(i.initprivs, acldefault('f', p.proowner)) AS initial) AS a
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND NOT (a.now @> a.initial AND a.initial @> a.now);
SELECT is((SELECT count(*) FROM tap.changed_rights), 7::bigint, 'rights on PostgreSQL''s own functions are narrowed');
BEGIN;
SELECT admin.prepare_pg_upgrade();
SELECT is((SELECT count(*) FROM tap.changed_rights), 0::bigint, 'and given back for pg_upgrade');
SELECT is((SELECT count(*) FROM admin.security_audit() WHERE object ~ '^(lo_|pg_)' AND severity = 'warning'), 7::bigint, 'of which the audit warns');
SELECT admin.apply_database_settings();
SELECT is((SELECT count(*) FROM tap.changed_rights), 7::bigint, 'until they are narrowed again');
ROLLBACK;
SELECT is(tap.provoked('CREATE MATERIALIZED VIEW core.m AS SELECT * FROM core.notes'), '', 'a materialised view of the owner''s alone');
SELECT is(tap.provoked('CREATE MATERIALIZED VIEW core.m AS SELECT * FROM core.notes', 'GRANT SELECT ON core.m TO ark_app'),
    'materialised view granted: core.m', 'a materialised view');
SELECT is(tap.provoked('CREATE FOREIGN DATA WRAPPER w', 'CREATE SERVER s FOREIGN DATA WRAPPER w', 'CREATE FOREIGN TABLE core.f (n int) SERVER s',
    'GRANT SELECT ON core.f TO ark_app'), 'foreign table granted: core.f', 'a foreign table');
SELECT is(tap.provoked('ALTER TABLE core.projects ADD UNIQUE (id)', 'ALTER TABLE core.notes ADD CONSTRAINT f FOREIGN KEY (project_id) REFERENCES core.projects (id)'),
    E'foreign key that crosses organisations: f on core.notes\nunique key that crosses organisations: core.projects_id_key on core.projects', 'a plain foreign key');
SELECT is(tap.provoked('ALTER TABLE core.notes DISABLE TRIGGER ALL') ~ '^disabled trigger: "RI_ConstraintTrigger_c_[0-9]+" on core.notes\n', true,
    'triggers of foreign keys');
-- A partitioned table as it ought to be, then one of its partitions granted, then forgotten.
CREATE FUNCTION tap.partitioned(VARIADIC p_more text[]) RETURNS text LANGUAGE sql AS $$
    SELECT tap.provoked(VARIADIC ARRAY[
        'SET LOCAL ROLE ark_owner',
        'CREATE TABLE core.log (org_id bigint NOT NULL, n int) PARTITION BY RANGE (n)',
        'CREATE TABLE core.log_1 PARTITION OF core.log FOR VALUES FROM (1) TO (2)',
        'ALTER TABLE core.log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
        'ALTER TABLE core.log_1 ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
        'CREATE POLICY scope ON core.log AS RESTRICTIVE TO ark_app USING (org_id = (SELECT core.current_org())) WITH CHECK (false)',
        'GRANT SELECT ON core.log TO ark_app', 'RESET ROLE'] || p_more)
$$;
SELECT is(tap.partitioned('SELECT'), '', 'a partitioned table');
SELECT is(tap.partitioned('GRANT SELECT ON core.log_1 TO ark_app'),
    E'no RESTRICTIVE scope for a role: core.log_1\npartition reachable directly: core.log_1', 'a partition that is granted');
SELECT is(tap.partitioned('CREATE TABLE core.log_2 PARTITION OF core.log FOR VALUES FROM (2) TO (3)'),
    E'table without FORCE ROW LEVEL SECURITY: core.log_2\ntable without row-level security: core.log_2', 'a partition made without its own row-level security');

-- Logins.
CREATE FUNCTION tap.login(VARIADIC p_statements text[]) RETURNS text LANGUAGE sql AS $$
    SELECT tap.provoked(VARIADIC ARRAY['CREATE ROLE audited LOGIN'] || p_statements)
$$;
SELECT format('SELECT is(tap.login(VARIADIC %L), %L, %L)', statements, finding, format('%s: %s', array_to_string(statements, '; '), replace(finding, E'\n', ', ')))
FROM (VALUES
    (ARRAY['GRANT ark_app TO audited'], ''),
    (ARRAY['ALTER ROLE audited BYPASSRLS'], 'role with BYPASSRLS: audited'),
    (ARRAY['ALTER ROLE audited BYPASSRLS NOLOGIN'], 'role with BYPASSRLS: audited'),
    (ARRAY['GRANT ark_backup TO audited'], E'login in a role of the server: audited\nlogin that can become a role above row-level security: audited'),
    (ARRAY['GRANT ark_owner TO audited'], 'login that can become the owner: audited'),
    (ARRAY['ALTER ROLE audited NOINHERIT', 'GRANT ark_system TO audited'], 'login that can become the owner: audited'),
    (ARRAY['GRANT ark_migrator TO audited'], ''),
    (ARRAY['GRANT ark_migrator, ark_dba TO audited'], ''),
    (ARRAY['GRANT ark_migrator, ark_app TO audited'], 'login that can become the owner: audited'),
    (ARRAY['GRANT ark_migrator, ark_owner TO audited'], 'login that can become the owner: audited'),
    (ARRAY['CREATE SCHEMA audited AUTHORIZATION audited'], 'role that owns objects: audited'),
    (ARRAY['ALTER TABLE core.notes OWNER TO audited'], 'role that owns objects: audited'),
    (ARRAY['GRANT ark_migrator TO audited', 'ALTER FUNCTION migrate.tg_ledger__append_only() OWNER TO audited', 'ALTER TABLE migrate.ledger OWNER TO audited'], ''),
    (ARRAY['ALTER TABLE migrate.ledger OWNER TO audited'], 'role that owns objects: audited'),
    (ARRAY['GRANT ark_migrator TO audited', 'ALTER TABLE core.notes OWNER TO audited'], 'role that owns objects: audited'),
    (ARRAY['ALTER TABLE core.notes OWNER TO audited', 'REASSIGN OWNED BY audited TO ark_owner'], ''),
    (ARRAY['GRANT pg_read_all_data TO audited'], 'login in a role of the server: audited'),
    (ARRAY['GRANT pg_execute_server_program TO audited'], 'login in a role of the server: audited'),
    (ARRAY['GRANT ark_app_strict TO audited'], ''),
    (ARRAY['GRANT ark_app_strict, ark_app TO audited'], 'login in two groups: audited'),
    (ARRAY['GRANT ark_app_strict, ark_gateway TO audited'], 'login in two groups: audited'),
    (ARRAY['GRANT SET ON PARAMETER session_replication_role TO audited'], 'session_replication_role granted: audited'),
    (ARRAY['ALTER ROLE audited SET app.current_org = 1'], 'dangerous setting stored: role audited'),
    (ARRAY['ALTER ROLE audited SET row_security = off'], 'dangerous setting stored: role audited'),
    (ARRAY['ALTER ROLE audited SET session_replication_role = replica'], 'dangerous setting stored: role audited'),
    (ARRAY['ALTER ROLE audited SET search_path = api'], ''),
    (ARRAY['GRANT ark_app TO audited', 'ALTER ROLE audited SET search_path = api'], 'setting stored on an application''s login: audited search_path'),
    (ARRAY['GRANT ark_app_strict TO audited', 'ALTER ROLE audited SET default_transaction_read_only = on'], 'setting stored on an application''s login: audited default_transaction_read_only'),
    (ARRAY['GRANT ark_app_strict TO audited', 'ALTER ROLE audited SET statement_timeout = ''1 ms'''], 'warning: setting stored on an application''s login: audited statement_timeout'),
    (ARRAY['GRANT ark_app TO audited', 'ALTER ROLE audited CREATEROLE'], 'login with CREATEROLE or REPLICATION: audited'),
    (ARRAY['GRANT ark_pod TO audited', 'ALTER ROLE audited REPLICATION'], 'login with CREATEROLE or REPLICATION: audited'),
    (ARRAY['GRANT ark_app TO audited', 'ALTER ROLE audited SUPERUSER'], 'superuser in a group of applications: audited'),
    (ARRAY['GRANT ark_app_strict, ark_auditor TO audited'], 'login in two groups: audited'),
    (ARRAY['GRANT ark_app, ark_dba TO audited'], 'login in two groups: audited'),
    (ARRAY['GRANT ark_gateway, ark_app TO audited'], 'login in two groups: audited'),
    (ARRAY['GRANT ark_dba, ark_auditor, ark_monitor TO audited'], ''),
    (ARRAY['GRANT ark_app, pg_monitor TO audited'], 'application in a role of the server: audited'),
    (ARRAY['GRANT ark_app_strict, pg_signal_backend TO audited'], 'application in a role of the server: audited'),
    (ARRAY['GRANT ark_monitor, pg_monitor TO audited'], ''),
    (ARRAY['GRANT SET ON PARAMETER lo_compat_privileges TO ark_app'], 'parameter granted to an application: lo_compat_privileges to ark_app'),
    (ARRAY['ALTER TABLE core.notes OWNER TO ark_app'], 'role that owns objects: ark_app'),
    (ARRAY['CREATE ROLE audited_team NOLOGIN', 'ALTER FUNCTION core.current_org() OWNER TO audited_team'],
     E'function of another owner: core.current_org()\nrole that owns objects: audited_team'),
    (ARRAY['ALTER SCHEMA core OWNER TO ark_app_ro'], 'role that owns objects: ark_app_ro')
) AS v (statements, finding) \gexec
SELECT is(tap.provoked('GRANT ark_app TO ark_backup'), 'ark_backup in a group: ark_backup', 'a backup that could write');
SELECT is(tap.provoked(format('ALTER DATABASE %I SET app.current_org = 1', current_database())),
    'dangerous setting stored: database ' || quote_ident(current_database()), 'a setting of the database');
SELECT is(tap.provoked(format('ALTER ROLE app IN DATABASE %I SET app.actor = 1', current_database())), 'dangerous setting stored: role app', 'of a role in the database');
SELECT is(tap.provoked('ALTER ROLE ALL SET app.current_org = 1'), 'dangerous setting stored: all roles', 'of all roles');

-- The server's version, which no test can change.
SELECT is((SELECT string_agg(object, ',') FROM admin.audit_database(version) WHERE "check" LIKE 'server%'), finding, 'server ' || version)
FROM (VALUES
    (140020, 'PostgreSQL 14.20'), (150013, 'PostgreSQL 15.13'), (150014, NULL), (160009, 'PostgreSQL 16.9'), (160010, NULL),
    (170005, 'PostgreSQL 17.5'), (170006, NULL), (180000, NULL)
) AS v (version, finding);

BEGIN;
CREATE TABLE public.prepared ();
PREPARE TRANSACTION 'ark_audit_test';
SELECT is((SELECT string_agg(object, ',') FROM admin.audit_database(p_prepared_for => '0') WHERE "check" LIKE 'prepared%' AND object LIKE '%ark_audit_test%'), '''ark_audit_test'' of postgres', 'a prepared transaction');
SELECT is((SELECT count(*) FROM admin.audit_database() WHERE "check" LIKE 'prepared%' AND object LIKE '%ark_audit_test%'), 0::bigint, 'one that is young is nothing');
ROLLBACK PREPARED 'ark_audit_test';

SELECT is(count(*), 0::bigint, 'nothing of it stays: ' || coalesce(string_agg(finding, '; '), '')) FROM tap.findings();

SELECT is(try_as(login, NULL, 'SELECT count(*) FROM admin.security_audit()'), outcome, login || ' asks')
FROM (VALUES ('dba', '0'), ('auditor', '0'), ('monitor', '0'), ('app', '42501'), ('app_strict', '42501'), ('pod_ai', '42501'), ('gateway', '42501')) AS v (login, outcome);

-- Nothing that guards is missing from the list of what must be there.
SELECT set_eq(
    $$SELECT relation, name::text, function FROM admin.required_guards() WHERE kind = 'trigger'$$,
    $$SELECT r.name, t.tgname::text, n.nspname || '.' || p.proname
      FROM pg_trigger AS t JOIN admin.audited_relations() AS r ON r.relation = t.tgrelid
      JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_namespace AS n ON n.oid = p.pronamespace
      WHERE NOT t.tgisinternal AND NOT r.is_partition AND r.name !~ '^migrate'$$, 'every trigger is required');
SELECT is((SELECT count(*) FROM admin.required_guards() AS g WHERE kind = 'constraint' AND NOT EXISTS (
    SELECT FROM pg_constraint AS k WHERE k.conrelid = to_regclass(g.relation) AND k.conname = g.name)), 0::bigint, 'every constraint that is required is there');

SELECT format('SELECT is(tap.provoked(VARIADIC %L), %L, %L)', statements, finding, array_to_string(statements, '; '))
FROM (VALUES
    (ARRAY['GRANT SELECT ON pg_catalog.pg_statistic_ext_data TO ark_app'], 'statistics granted: pg_statistic_ext_data to ark_app'),
    (ARRAY['CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON finops.quota_changes FOR EACH STATEMENT EXECUTE FUNCTION config.tg_config_history__append_only()', 'ALTER TABLE finops.quota_changes ENABLE ALWAYS TRIGGER append_only'], 'missing trigger: append_only on finops.quota_changes'),
    (ARRAY['CREATE OR REPLACE TRIGGER record_insert AFTER INSERT ON config.service_configs FOR EACH ROW WHEN (false) EXECUTE FUNCTION config.tg_service_configs__record()', 'ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER record_insert'], 'missing trigger: record_insert on config.service_configs'),
    (ARRAY['CREATE OR REPLACE TRIGGER append_only BEFORE TRUNCATE ON config.config_history_default FOR EACH STATEMENT EXECUTE FUNCTION config.tg_config_history__append_only()', 'ALTER TABLE config.config_history_default ENABLE ALWAYS TRIGGER append_only'], 'missing trigger: append_only on config.config_history_default'),
    (ARRAY['DROP POLICY scope_all_current_org ON core.notes', 'CREATE POLICY scope_all_current_org ON core.notes AS RESTRICTIVE FOR UPDATE TO ark_app, ark_app_strict, ark_app_ro, ark_dba USING (org_id = (SELECT core.current_org())) WITH CHECK (org_id = (SELECT core.current_org()))'], 'no RESTRICTIVE scope for a role: core.notes'),
    (ARRAY['GRANT SET ON PARAMETER lo_compat_privileges TO PUBLIC'], 'parameter granted to an application: lo_compat_privileges to PUBLIC'),
    (ARRAY['GRANT ALTER SYSTEM ON PARAMETER session_replication_role TO app'], 'session_replication_role granted: app'),
    (ARRAY['GRANT EXECUTE ON FUNCTION provisioning.escaped(text) TO PUBLIC'], 'function executable by PUBLIC: provisioning.escaped(text)'),
    (ARRAY['ALTER FUNCTION api.get_configs(text) SET role = ''ark_system'''], 'function with a dangerous setting: api.get_configs(text)'),
    (ARRAY['ALTER FUNCTION api.get_configs(text) SET row_security = on'], ''),
    (ARRAY['ALTER FUNCTION api.get_configs(text) SET session_replication_role = replica'], 'function with a dangerous setting: api.get_configs(text)'),
    (ARRAY['GRANT EXECUTE ON FUNCTION admin.audit_roles() TO ark_app'], 'function granted to another role: admin.audit_roles()'),
    (ARRAY['CREATE TABLE core.child () INHERITS (core.notes)', 'ALTER TABLE core.child ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', 'CREATE POLICY scope ON core.child AS RESTRICTIVE TO ark_app USING (org_id = (SELECT core.current_org())) WITH CHECK (false)', 'GRANT SELECT ON core.child TO ark_app'], 'partition reachable directly: core.child')
) AS v (statements, finding) \gexec
SELECT is(tap.provoked('CREATE ROLE audited LOGIN', format('GRANT %s TO audited', g)), 'login in a role of the server: audited', g)
FROM unnest(ARRAY['pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files']) AS g;
SELECT is(tap.provoked('CREATE ROLE audited LOGIN IN ROLE ark_app', format('GRANT %s TO audited', g)), 'application in a role of the server: audited', g)
FROM unnest(ARRAY['pg_read_all_stats', 'pg_read_all_settings', 'pg_stat_scan_tables', 'pg_checkpoint']) AS g;
SELECT is(tap.provoked('CREATE ROLE audited LOGIN IN ROLE ark_app', 'ALTER ROLE audited IN DATABASE postgres SET search_path = api'), '', 'a setting for another database');
SELECT is(tap.provoked('ALTER FUNCTION core.session() OWNER TO ark_backup') ~ 'SECURITY DEFINER of a superuser: core.session\(\)', true, 'a definer with BYPASSRLS');
SELECT is(tap.provoked('CREATE OR REPLACE TRIGGER record_update AFTER UPDATE ON config.service_configs FOR EACH ROW WHEN (false) EXECUTE FUNCTION config.tg_service_configs__record()', 'ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER record_update'), 'missing trigger: record_update on config.service_configs', 'when false');
SELECT is(tap.provoked('DROP TRIGGER append_only ON config.config_history_default', 'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON config.config_history_default FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION config.tg_config_history__append_only()', 'ALTER TABLE config.config_history_default ENABLE ALWAYS TRIGGER append_only'), 'missing trigger: append_only on config.config_history_default', 'partition when false');
SELECT is(tap.provoked('CREATE TRIGGER hide BEFORE INSERT ON config.config_history_default FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', 'ALTER TABLE config.config_history_default ENABLE ALWAYS TRIGGER hide'), 'unknown trigger on a guarded table: hide on config.config_history_default', 'unknown trigger on a partition');
SELECT is(tap.provoked('ALTER TABLE config.service_configs DROP CONSTRAINT value_is_no_secret, ADD CONSTRAINT value_is_no_secret CHECK (value IS NULL OR true)'), 'constraint that says something else: value_is_no_secret on config.service_configs', 'hollow constraint');
SELECT is(tap.provoked('ALTER ROLE ark_app CREATEROLE') <> '', true, 'createrole on a group');

SELECT is(tap.provoked('CREATE FUNCTION public.all_notes() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS ''SELECT count(*) FROM core.notes''',
    'ALTER FUNCTION public.all_notes() OWNER TO ark_system', 'REVOKE EXECUTE ON FUNCTION public.all_notes() FROM PUBLIC', 'GRANT EXECUTE ON FUNCTION public.all_notes() TO ark_app'),
    'function granted to another role: public.all_notes()', 'a definer in another schema');

SELECT * FROM finish();
