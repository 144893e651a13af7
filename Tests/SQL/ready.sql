-- admin.ready(): every item of the checklist turns red once, alone where it can, and says what to do.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id AS id;
-- However slow the machine is, nothing waits too long by itself.
UPDATE provisioning.jobs SET created_at = clock_timestamp() + interval '1 hour', run_at = clock_timestamp() + interval '1 hour';
CREATE TEMP TABLE before AS SELECT * FROM admin.ready();

-- The items that some statements turn to another answer, with the detail. Nothing of it stays.
CREATE FUNCTION tap.turned(VARIADIC p_statements text[]) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_text text;
BEGIN
    BEGIN
        FOREACH v_text IN ARRAY p_statements LOOP
            EXECUTE v_text;
        END LOOP;
        v_text := (SELECT string_agg(format('%s %s: %s%s', n.item, coalesce(n.ok::text, 'unknown'), n.detail,
                                            CASE WHEN n.ok IS NOT TRUE AND n.what_to_do IS NULL THEN ' (no advice)' END), E'\n')
                   FROM admin.ready() AS n JOIN before AS b USING (item)
                   WHERE n.ok IS DISTINCT FROM b.ok);
        RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = coalesce(v_text, 'nothing');
    EXCEPTION WHEN SQLSTATE 'TAP00' THEN
        RETURN SQLERRM;
    END;
END
$$;

SELECT is(string_agg(format('%s %s', item, coalesce(ok::text, 'unknown')), E'\n'), $$PostgreSQL true
tables true
row-level security true
create_organization true
bridge and Redis false
pods true
provisioner false
rights in Kubernetes unknown
queue true
history true
backups true
point-in-time recovery false$$, 'a new installation without daemons and archive')
FROM before;
SELECT is(count(*), 0::bigint, 'what is not ready has advice') FROM before WHERE ok IS NOT TRUE AND coalesce(what_to_do, '') = '';

SELECT is(tap.turned(replace(pg_get_functiondef('admin.audit_database'::regproc), '(current_setting(''server_version_num''::text))::integer', '150013')),
    E'PostgreSQL false: ' || current_setting('server_version') || E', server with known holes in row-level security\nrow-level security false: 1 errors: server with known holes in row-level security',
    'an outdated server');
SELECT matches(tap.turned('ALTER TABLE core.documents RENAME TO gone'), '^tables false: missing: core.documents\n', 'a table is missing');
SELECT is(tap.turned('ALTER TABLE core.notes NO FORCE ROW LEVEL SECURITY'),
    'row-level security false: 1 errors: table without FORCE ROW LEVEL SECURITY', 'a table without FORCE');
SELECT is(tap.turned('CREATE POLICY open ON core.notes TO ark_app USING (true)'),
    'row-level security false: 2 errors: policy that lets every row pass, policy without WITH CHECK', 'a policy that shows everything');
SELECT is(tap.turned($$DO 'DECLARE l record; BEGIN
    FOR l IN SELECT m.roleid::regrole AS g, m.member::regrole AS l FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.member AND r.rolcanlogin
             WHERE m.roleid IN (''ark_app''::regrole, ''ark_gateway''::regrole) LOOP
        EXECUTE format(''REVOKE %s FROM %s'', l.g, l.l);
    END LOOP; END'$$),
    'create_organization false: no login may call it', 'nobody to call create_organization');
SELECT is(tap.turned('REVOKE EXECUTE ON FUNCTION api.create_organization(uuid,text,text,text,text) FROM ark_app, ark_gateway'), 'create_organization false: no login may call it', 'nor may anybody');
SELECT is(tap.turned('UPDATE config.feed SET leader = ''b'', epoch = 3, lease_until = clock_timestamp() + interval ''1 minute'''),
    'bridge and Redis true: b leads, epoch 3', 'a bridge leads');
SELECT matches((SELECT detail FROM admin.ready() WHERE item = 'bridge and Redis'), '^no bridge leads$', 'none leads');
SELECT is(tap.turned('UPDATE config.feed SET epoch = 7', $$INSERT INTO config.pods (service, pod, login, state, epoch, seq, reloads, reload_ms_sum, reload_ms_max, reported_at)
    VALUES ('ai', 'a', 'pod_ai', 'READY', 6, 0, 1, 1, 1, clock_timestamp())$$), 'pods false: 1 differ', 'a pod of another epoch');
SELECT is(tap.turned(format($$INSERT INTO provisioning.steps (org_id, job_id, fence, step, outcome, http_status, milliseconds, detail, recorded_at)
    SELECT org_id, job_id, 1, 'namespace', 'failed', %s, 1, 'no', '2026-01-01' FROM provisioning.jobs$$, code)), verdict, 'Kubernetes answered ' || code)
FROM (VALUES (403, 'rights in Kubernetes false: namespace was failed at 2026-01-01 00:00:00+00: no'), (401, 'rights in Kubernetes false: namespace was failed at 2026-01-01 00:00:00+00: no'),
             (409, 'rights in Kubernetes true: namespace was failed at 2026-01-01 00:00:00+00: no')) AS v (code, verdict);
SELECT is(tap.turned('UPDATE provisioning.jobs SET created_at = now() - interval ''1 hour'', run_at = now() - interval ''1 hour'''),
    'queue false: 1 jobs are stuck', 'a job waits');
SELECT matches(tap.turned($$DO 'DECLARE t text; BEGIN
    FOR t IN SELECT c.oid::regclass FROM pg_class AS c WHERE c.relname ~ ''^config_history_2''
             AND to_date(right(c.relname, 7), ''YYYY_MM'') > date_trunc(''month'', now() AT TIME ZONE ''UTC'') AND c.relkind = ''r'' LOOP
        EXECUTE ''DROP TABLE '' || t;
    END LOOP; END'$$), '^history false: partitions until ', 'no partition for the next month');
SELECT matches(tap.turned('ALTER TABLE config.config_history DISABLE TRIGGER append_only', 'ALTER TABLE config.config_history DISABLE TRIGGER erasure',
    $$UPDATE config.config_history SET changed_at = clock_timestamp() - interval '61 minutes' WHERE changed_at >= date_trunc('month', now())$$), '\mhistory false: ', 'nothing is sealed for an hour');
SELECT is(tap.turned('ALTER ROLE ark_backup NOBYPASSRLS'), 'backups false: pg_dump would dump nothing', 'backups are filtered');

-- Who may ask.
SELECT is(try_as(login, NULL, 'SELECT count(*) > 5 FROM admin.ready'), outcome, login)
FROM (VALUES ('dba', 'true'), ('monitor', 'true'), ('auditor', 'true'), ('app', '42501'), ('gateway', '42501'), ('pod_ai', '42501'), ('bridge', '42501')) AS v (login, outcome);

SELECT matches(tap.turned($$INSERT INTO config.config_history (org_id, history_id, config_id, service, key, version, changed_by, login, changed_at, reason, xid) OVERRIDING SYSTEM VALUE
    SELECT org_id, history_id + 100000, config_id, service, key, version + 100, 'x', 'x', '2099-01-01', 'x', xid FROM config.config_history LIMIT 1$$), '\mhistory false: .* 1 rows astray', 'a row astray');
SELECT matches(tap.turned($$INSERT INTO provisioning.steps (org_id, job_id, fence, step, outcome, http_status, milliseconds, detail, recorded_at)
    SELECT org_id, job_id, f, 'namespace', o, h, 1, NULL, '2026-01-01'::timestamptz + f * interval '1 day'
    FROM provisioning.jobs, (VALUES (1, 'failed', 403), (2, 'created', 201)) AS v (f, o, h)$$), '\mrights in Kubernetes true: namespace was created', 'the latest answer counts');
SELECT matches(tap.turned(replace(pg_get_functiondef('admin.ready'::regproc), 'AND NOT r.rolsuper' || E'\n    WHERE a.datname', E'\n    WHERE a.datname')), '\mprovisioner true: [1-9]', 'a provisioner is connected');
SELECT matches(tap.turned(replace(pg_get_functiondef('admin.ready'::regproc), 'current_setting(''archive_mode'')', '''on''')), '\mpoint-in-time recovery true: the log is archived', 'the log is archived');
UPDATE provisioning.kinds SET served = false WHERE kind = 'quota';
SELECT unalike(tap.turned($$SELECT provisioning.enqueue(id, 'quota') FROM org$$, $$UPDATE provisioning.jobs SET run_at = now() - interval '1 hour', created_at = now() - interval '1 hour' WHERE kind = 'quota'$$), '%queue false%', 'kinds that nobody serves yet are not stuck');
SELECT unalike(tap.turned('REVOKE ark_app FROM app'), '%create_organization false%', 'the gateway may call create_organization, too');
SELECT unalike(tap.turned('UPDATE config.feed SET leader = ''b'', epoch = 3, lease_until = clock_timestamp() - interval ''1 s'''), '%bridge and Redis true%', 'a lease that has ended');
SELECT unalike(tap.turned('ALTER TABLE config.config_history ENABLE TRIGGER append_only'), '%row-level security false%', 'a warning is no error');

SELECT * FROM finish();
