-- Whoever changes something says why: every function of the catalog that takes a reason refuses one that is
-- none, and one that holds a secret. With a reason the same call does what it is for.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'owner@acme.example', 'acme')).id AS acme,
    (api.create_organization(gen_random_uuid(), 'Beta', 'b@beta.example', 'beta')).id AS beta;
UPDATE core.organizations SET status = 'COMMITTED', namespace_uid = 'u', committed_at = now() FROM org WHERE id = acme;
CREATE TEMP TABLE member AS SELECT (core.add_member(acme, 'ann@acme.example', 'Ann', 'member')).user_id AS id FROM org;
SELECT is(do_as('app', acme::text, $$SELECT version FROM api.set_config('ai', 'threshold', '0.4', 'r')$$), '1', 'a value') FROM org;
SELECT is(do_as('dba', NULL, $$SELECT version FROM admin.define_flag('f', '{}', 'r')$$), '1', 'a flag');
SELECT is(do_as('dba', NULL, $$SELECT count(*) > 0 FROM admin.export_org('acme', 'r')$$), 'true', 'an export');
SELECT is(do_as('dba', NULL, $$SELECT kid FROM admin.add_signing_key('k', 'ES256', '{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}')$$), 'k', 'a key');
SELECT cmp_ok(do_as('dba', NULL, $$SELECT admin.roll_out('r')$$)::bigint, '>', 0::bigint, 'a roll-out');

-- ACME, ANN, JOB and ROLLOUT are the ids of what was made above.
CREATE TEMP TABLE call (name text PRIMARY KEY, login name, arguments text, before text);
INSERT INTO call (name, login, arguments) VALUES
    ('api.change_role', 'app', 'ANN, ''viewer'', REASON'), ('api.invite_member', 'app', '''new@acme.example'', ''New'', ''member'', REASON'),
    ('api.remove_member', 'app', 'ANN, REASON'), ('api.request_quota', 'app', 'p_cpu => ''17'', p_reason => REASON'),
    ('api.revoke_organization', 'gateway', 'ACME, REASON'), ('api.revoke_session', 'gateway', 'ACME, 1, REASON'), ('api.revoke_user', 'gateway', 'ACME, ANN, REASON'),
    ('api.rollback_config', 'app', '''ai'', ''threshold'', 1, REASON'), ('api.set_config', 'app', '''ai'', ''threshold'', ''0.5'', REASON'),
    ('api.set_configs', 'app', '''[{"service": "ai", "key": "threshold", "value": "0.5"}]'', REASON'), ('api.set_flag', 'app', '''f'', ''true'', REASON'),
    ('api.transfer_ownership', 'app', 'ANN, REASON'),
    ('admin.adjust_bill', 'dba', 'ACME, 1, REASON'), ('admin.cancel_job', 'dba', 'JOB, REASON'), ('admin.cancel_rollout', 'dba', 'ROLLOUT, REASON'),
    ('admin.close_period', 'dba', 'now() - interval ''3 days'', now() - interval ''2 days'', REASON'), ('admin.define_flag', 'dba', '''g'', ''{}'', REASON'),
    ('admin.delete_org', 'dba', '''acme'', ''acme'', REASON'), ('admin.delete_organization', 'dba', '''acme'', ''acme'', REASON'),
    ('admin.erase_personal_data', 'dba', '''nobody at all'', REASON'), ('admin.export_org', 'dba', '''acme'', REASON'), ('admin.import_org', 'dba', '''acme'', REASON'),
    ('admin.kill_flag', 'dba', '''f'', REASON'), ('admin.pause_rollout', 'dba', 'ROLLOUT, REASON'), ('admin.redrive', 'dba', 'REASON'),
    ('admin.remove_flag', 'dba', '''f'', REASON'), ('admin.repair', 'dba', '''acme'', REASON'), ('admin.retire_signing_key', 'dba', '''k'', REASON'),
    ('admin.retry_job', 'dba', 'JOB, REASON'), ('admin.revoke_organization', 'dba', '''acme'', REASON'), ('admin.revoke_user', 'dba', '''ann@acme.example'', REASON'),
    ('admin.rollback_flag', 'dba', '''f'', 1, REASON'), ('admin.set_default', 'dba', '''ai'', ''threshold'', ''0.5'', REASON'),
    ('admin.set_drift_policy', 'dba', '''report'', ''1 day'', REASON'), ('admin.set_price', 'dba', '''cpu'', 1, now(), REASON'), ('admin.suspend_organization', 'dba', '''acme'', REASON');
-- Those that need another state than the one above.
INSERT INTO call VALUES
    ('admin.resume_organization', 'dba', '''acme'', REASON', 'admin.suspend_organization(''acme'', ''r'')'), ('admin.resume_rollout', 'dba', 'ROLLOUT, REASON', 'admin.pause_rollout(ROLLOUT, ''r'')'),
    ('admin.roll_out', 'dba', 'REASON', 'admin.cancel_rollout(ROLLOUT, ''r'')');
UPDATE call SET arguments = replace(replace(replace(replace(arguments, 'ACME', acme::text), 'ANN', member.id::text), 'JOB', job::text), 'ROLLOUT', rollout::text),
    before = replace(before, 'ROLLOUT', rollout::text)
FROM org, member, (SELECT min(job_id) AS job FROM provisioning.jobs, org WHERE org_id = beta) AS j, (SELECT max(rollout_id) AS rollout FROM provisioning.rollouts) AS r;

SELECT set_eq('SELECT name FROM call', $$
    SELECT n.nspname || '.' || p.proname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('admin', 'api') AND 'p_reason' = ANY (p.proargnames)$$, 'every function that takes a reason is tried here');
SELECT is(tap.try_as(login, acme::text, format('SELECT %s%s(%s)', before || ', ', name, replace(arguments, 'REASON', quote_nullable(reason)))), state,
    format('%s refuses the reason %s', name, quote_nullable(reason)))
FROM org, call, (VALUES (' ', '22023'), (NULL, '22023'), ('db password=hunter2secret', 'AR422')) AS v (reason, state);
SELECT doesnt_match(tap.try_as(login, acme::text, format('SELECT %s%s(%s)', before || ', ', name, replace(arguments, 'REASON', '''request 4711'''))), '^[0-9A-Z]{5}$',
    name || ' takes one that says why') FROM org, call;

SELECT * FROM finish();
