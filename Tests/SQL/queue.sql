-- Who is served first, what is given up between two steps, and how long what is finished is kept.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS
SELECT slug, (api.create_organization(gen_random_uuid(), slug, 'a@x.example', slug)).id
FROM unnest(ARRAY['a', 'b', 'c', 'd']) AS slug;
UPDATE provisioning.jobs SET state = 'done', finished_at = now();
UPDATE core.organizations SET status = 'COMMITTED', namespace_uid = 'uid', committed_at = now() WHERE id > 0;

-- Queues jobs, kind and slug, for so many minutes ago; returns the order in which they are handed out.
CREATE FUNCTION tap.turns(VARIADIC p_jobs text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_job   text;
    v_order text[] := '{}';
    v_claim record;
BEGIN
    FOREACH v_job IN ARRAY p_jobs LOOP
        PERFORM provisioning.enqueue((SELECT id FROM core.organizations WHERE slug = split_part(v_job, ' ', 2)), split_part(v_job, ' ', 1),
                                     clock_timestamp() - regexp_replace(v_job, '^\S+ \S+ ', '')::interval);
    END LOOP;
    LOOP
        SELECT c.* INTO v_claim FROM provisioning.claim('w', '1 minute') AS c;
        EXIT WHEN NOT FOUND;
        v_order := v_order || concat(v_claim.kind, ' ', split_part(v_claim.namespace, '-', 2));
        PERFORM provisioning.finish(v_claim.org_id, v_claim.job_id, 'done');
    END LOOP;
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = array_to_string(v_order, ', ');
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
END
$$;
UPDATE provisioning.lanes SET served_at = '-infinity', next_at = NULL;
SELECT is(tap.turns(VARIADIC jobs), turns, what)
FROM (VALUES
    ('{reconcile a 3 min,reconcile b 2 min,reconcile c 1 min}'::text[], 'reconcile a, reconcile b, reconcile c', 'first come, first served'),
    ('{reconcile a 4 min,quota b 2 min,resume c 1 s}', 'resume c, quota b, reconcile a', 'what somebody waits for overtakes'),
    ('{reconcile a 6 min,quota b 10 s,resume c 1 s}', 'resume c, reconcile a, quota b', 'unless another has waited for five minutes longer'),
    ('{reconcile a 16 min,quota b 10 s,resume c 1 s}', 'reconcile a, resume c, quota b', 'or for ten'),
    ('{quota a 3 min,quota a 2 min,quota a 1 min,quota b 10 s}', 'quota a, quota b, quota a, quota a', 'who was served lets others by'),
    ('{reconcile a 3 min,resume a 1 s}', 'resume a, reconcile a', 'in a lane, too'),
    ('{reconcile a 3 min,resume a -1 min}', 'reconcile a', 'what is not due has no priority'),
    ('{reconcile a 1 s,quota a -2 min,quota b 1 s}', 'quota b, reconcile a', 'and keeps nobody waiting')) AS v (jobs, turns, what);

-- A creation that pauses holds everything of its organisation back, and nothing else.
UPDATE core.organizations SET status = 'PENDING' WHERE slug = 'd';
SELECT is(tap.turns('create d -1 hour', 'quota d 1 s', 'quota a 1 s'), 'quota a', 'nothing is done to a namespace that is being made');

-- What a long transaction has queued lies before what this session has served; it is found all the same.
SELECT is(tap.turns('quota a 1 s'), 'quota a', 'served');
SELECT is(tap.turns('quota a 4 min'), 'quota a', 'one from before is found');

-- An administrator ends what runs.
CREATE TEMP TABLE job (kind text, org_id bigint, job_id bigint, fence bigint);
GRANT ALL ON job TO PUBLIC;
CREATE FUNCTION tap.run(p_kind text, p_slug text) RETURNS void LANGUAGE sql AS $$
    UPDATE provisioning.lanes SET next_at = NULL;
    DELETE FROM job;
    SELECT provisioning.enqueue(id, p_kind) FROM core.organizations WHERE slug = p_slug;
    INSERT INTO job SELECT kind, org_id, job_id, fence FROM provisioning.claim('w', '1 minute')
$$;
SELECT tap.run('quota', 'a');
SELECT is(do_as('provisioner', NULL, format($$SELECT provisioning.heartbeat(%s, %s, %s, '1 minute')$$, org_id, job_id, fence)), 'true', 'it goes on') FROM job;
SELECT is(do_as('dba', NULL, format($$SELECT admin.cancel_job(%s, 'too late')$$, job_id)), 'asked', 'its worker is asked') FROM job;
SELECT is(do_as('provisioner', NULL, format($$SELECT provisioning.heartbeat(%s, %s, %s, '1 minute')$$, org_id, job_id, fence)), 'false', 'and hears of it') FROM job;
SELECT is(do_as('provisioner', NULL, format($$SELECT next FROM provisioning.fail(%s, %s, %s, 'cancelled', 'between two steps', NULL, '[]')$$, org_id, job_id, fence)), 'give up', 'it ends') FROM job;
SELECT is((SELECT concat_ws(' ', state, error_code, error) FROM provisioning.jobs JOIN job USING (org_id, job_id)), 'failed cancelled too late', 'with the administrator''s reason');
BEGIN;
SELECT is(do_as('dba', NULL, format($$SELECT admin.retry_job(%s, 'after all') <= clock_timestamp()$$, job_id)), 'true', 'and may be tried again all the same') FROM job;
SELECT is(do_as('provisioner', NULL, $$SELECT job_id FROM provisioning.claim('again', '1 minute')$$), job_id::text, 'which its next worker does') FROM job;
ROLLBACK;
-- What the quota was to be stays asked for: whether the namespace has it is looked.
SELECT is((SELECT string_agg(concat_ws(' ', kind, state, run_at <= clock_timestamp()), ', ') FROM provisioning.jobs WHERE kind = 'compare'), 'compare queued t', 'a comparison is queued');

-- Something else stops it before its worker has heard of it.
CREATE FUNCTION tap.stops(p_kind text, p_code text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_job  job;
    v_next text;
BEGIN
    PERFORM tap.run(p_kind, 'c');
    SELECT * INTO STRICT v_job FROM job;
    PERFORM admin.cancel_job(v_job.job_id, 'no more');
    v_next := (SELECT f.next FROM provisioning.fail(v_job.org_id, v_job.job_id, v_job.fence, p_code, 'why', NULL, '[]') AS f);
    RETURN (SELECT concat_ws(' ', v_next || ',', j.state, j.cancelled, j.error_code, j.error) FROM provisioning.jobs AS j WHERE j.job_id = v_job.job_id);
END
$$;
SELECT is(tap.stops(kind, code), 'give up, failed f cancelled no more', format('%s, %s: it has ended', kind, code))
FROM unnest(ARRAY['quota', 'members']) AS kind, unnest(ARRAY['invalid', 'unavailable', 'terminating', 'cancelled']) AS code;
SELECT is((SELECT string_agg(concat_ws(' ', kind, state), ', ') FROM provisioning.jobs JOIN org ON id = org_id WHERE slug = 'c' AND state IN ('queued', 'running')), 'compare queued', 'one comparison for all of them');
SELECT is(try_as('dba', NULL, $$SELECT admin.redrive('r')$$), '0', 'none is redriven');
SELECT is(try_as('monitor', NULL, $$SELECT count(*) FROM admin.stuck_jobs('0') WHERE why LIKE 'given up%'$$), '0', 'or a dead letter');
BEGIN;
SELECT is(do_as('dba', NULL, format($$SELECT admin.retry_job(%s, 'after all') <= clock_timestamp()$$, job_id)), 'true', 'but may be tried again') FROM job;
SELECT is(do_as('provisioner', NULL, $$SELECT job_id FROM provisioning.claim('again', '1 minute')$$), job_id::text, 'which somebody does') FROM job;
SELECT is((SELECT provisioning.heartbeat(j.org_id, j.job_id, j.fence, '1 minute') FROM provisioning.jobs AS j WHERE j.state = 'running'), true, 'and goes on with it');
SELECT is((SELECT (provisioning.fail(j.org_id, j.job_id, j.fence, 'unavailable', 'why', NULL, '[]')).next FROM provisioning.jobs AS j WHERE j.state = 'running'), 'retry', 'as with any other');
ROLLBACK;
-- One that was asked for a later time: then.
SELECT is((SELECT admin.cancel_job(provisioning.enqueue(id, 'quota', '2099-01-01'), 'not then') FROM org WHERE slug = 'b'), 'failed', 'not yet due');
SELECT is((SELECT string_agg(concat_ws(' ', kind, run_at::date), ', ') FROM provisioning.jobs JOIN org ON id = org_id WHERE slug = 'b' AND state = 'queued'), 'compare 2099-01-01', 'it is looked then');
DELETE FROM provisioning.jobs WHERE kind = 'compare';
-- Of one that is being made: when it is made.
BEGIN;
SELECT (api.create_organization(gen_random_uuid(), 'young', 'a@x.example', 'young')).id AS young \gset
SELECT is(admin.cancel_job(provisioning.enqueue(:young, 'members'), 'not them'), 'failed', 'while it is made');
SELECT is((SELECT string_agg(kind, ' ' ORDER BY job_id) FROM provisioning.jobs WHERE org_id = :young AND state = 'queued'), 'create compare', 'it is looked afterwards');
ROLLBACK;
-- What was asked to end, and handed back before it began, serves for nobody else: it is given up.
BEGIN;
SELECT tap.run('members', 'b');
SELECT is((SELECT admin.cancel_job(job_id, 'no more') FROM job), 'asked', 'asked to end');
SELECT lives_ok(format('SELECT provisioning.release(%s, %s, %s)', org_id, job_id, fence), 'handed back') FROM job;
SELECT isnt((SELECT provisioning.enqueue(org_id, 'members') FROM job), (SELECT job_id FROM job), 'whoever asks anew has a job of his own');
SELECT is((SELECT (SELECT c.job_id FROM provisioning.claim('w', '1 minute') AS c) > job_id FROM job), true, 'which is the one that is done');
ROLLBACK;

-- Many that failed together do not return together: each by chance, from half of the pause to all of it.
BEGIN;
CREATE FUNCTION tap.pause(p_attempts integer) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    v_job   job;
    v_pause numeric;
BEGIN
    SELECT * INTO v_job FROM job;
    UPDATE provisioning.jobs AS j SET attempts = p_attempts WHERE j.job_id = v_job.job_id;
    SELECT extract(epoch FROM f.run_at - clock_timestamp()) INTO v_pause
    FROM provisioning.fail(v_job.org_id, v_job.job_id, v_job.fence, 'unavailable', 'why', NULL, '[]') AS f;
    UPDATE provisioning.jobs AS j SET run_at = clock_timestamp() WHERE j.job_id = v_job.job_id;
    UPDATE provisioning.lanes AS l SET next_at = clock_timestamp() WHERE l.org_id = v_job.org_id;
    UPDATE job SET fence = (SELECT c.fence FROM provisioning.claim('w', '1 minute') AS c);
    RETURN v_pause;
END
$$;
SELECT tap.run('quota', 'a');
CREATE TEMP TABLE pause AS SELECT n, a, tap.pause(a) AS seconds FROM generate_series(1, 20) AS n, unnest(ARRAY[1, 4]) AS a;
-- The clock of the test runs on between the two looks at it.
SELECT is((SELECT count(*) FROM pause AS p JOIN provisioning.failure_codes AS c ON c.code = 'unavailable'
    WHERE p.seconds NOT BETWEEN extract(epoch FROM c.base) * 2 ^ (a - 1) * 0.5 - 0.4 AND extract(epoch FROM c.base) * 2 ^ (a - 1)), 0::bigint, 'within bounds');
SELECT cmp_ok((SELECT max(seconds) - min(seconds) FROM pause WHERE a = 4), '>', 1.0, 'and by chance');
SELECT cmp_ok((SELECT count(DISTINCT round(seconds, 2)) FROM pause WHERE a = 4), '>', 10::bigint, 'each its own');
SELECT cmp_ok((SELECT max(seconds) FROM pause WHERE a = 4), '>', 2 * (SELECT max(seconds) FROM pause WHERE a = 1), 'longer with each attempt');
ROLLBACK;

-- What has no limit uses up nothing of what has one.
BEGIN;
CREATE FUNCTION tap.fails(p_code text, p_count integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_job  job;
    v_next text;
BEGIN
    FOR i IN 1..p_count LOOP
        SELECT * INTO v_job FROM job;
        v_next := (SELECT f.next FROM provisioning.fail(v_job.org_id, v_job.job_id, v_job.fence, p_code, 'why', NULL, '[]') AS f);
        EXIT WHEN v_next <> 'retry';
        UPDATE provisioning.jobs AS j SET run_at = clock_timestamp() WHERE j.job_id = v_job.job_id;
        UPDATE provisioning.lanes AS l SET next_at = clock_timestamp() WHERE l.org_id = v_job.org_id;
        UPDATE job SET fence = (SELECT c.fence FROM provisioning.claim('w', '1 minute') AS c);
    END LOOP;
    RETURN v_next;
END
$$;
SELECT tap.run('quota', 'a');
SELECT is(tap.fails('terminating', 25), 'retry', 'a namespace that is being deleted is waited for');
SELECT is(tap.fails('conflict', 19), 'retry', 'and what follows has all its attempts');
SELECT is(tap.fails('terminating', 1) || ', ' || tap.fails('conflict', 1), 'retry, give up', 'but no more, whatever comes between');
ROLLBACK;

SELECT tap.run('create', 'd');
SELECT is(do_as('dba', NULL, format($$SELECT admin.cancel_job(%s, 'a mistake')$$, job_id)), 'asked', 'a creation') FROM job;
SELECT is(do_as('provisioner', NULL, format($$SELECT next FROM provisioning.fail(%s, %s, %s, 'cancelled', 'between two steps', NULL, '[]')$$, org_id, job_id, fence)), 'undo', 'is taken back') FROM job;
SELECT is(do_as('provisioner', NULL, 'SELECT undo FROM provisioning.claim(''w'', ''1 minute'')'), 'true', 'by an undo');
SELECT is(try_as('dba', NULL, format($$SELECT admin.cancel_job(%s, 'r')$$, job_id)), '55000', 'which is not cancelled') FROM job;
SELECT is((SELECT concat_ws(' ', error_code, error, cancelled) FROM provisioning.jobs JOIN job USING (org_id, job_id)), 'cancelled a mistake f', 'of which the reason is known');

-- The worker dies before it hears of it.
CREATE FUNCTION tap.dies() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_next text;
BEGIN
    PERFORM admin.cancel_job((SELECT job_id FROM job), 'no more');
    UPDATE provisioning.jobs SET lease_until = clock_timestamp() - interval '1 s' WHERE job_id = (SELECT job_id FROM job);
    UPDATE provisioning.lanes SET next_at = clock_timestamp() WHERE org_id = (SELECT org_id FROM job);
    v_next := (SELECT c.kind || CASE WHEN c.undo THEN ' undo' ELSE '' END FROM provisioning.claim('w', '1 minute') AS c);
    RETURN v_next || (SELECT concat_ws(' ', ',', state, error_code, error) FROM provisioning.jobs JOIN job USING (org_id, job_id));
END
$$;
SELECT tap.run('quota', 'b');
SELECT is(tap.dies(), 'compare, failed cancelled no more', 'nobody takes it up');
UPDATE core.organizations SET status = 'PENDING', slug = 'e' WHERE slug = 'd';
UPDATE provisioning.jobs AS j SET state = 'done', finished_at = now(), worker = NULL, lease_until = NULL WHERE state = 'running';
SELECT tap.run('create', 'e');
SELECT is(tap.dies(), 'create undo, running cancelled no more', 'a creation is taken back');

-- By which steps, given the blueprint. Whatever it lacks, an undo comes to its end.
CREATE FUNCTION tap.undone(p_before text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    ALTER TABLE finops.quota_changes DISABLE TRIGGER ALL;
    EXECUTE p_before;
    UPDATE provisioning.jobs SET lease_until = clock_timestamp() - interval '1 s' WHERE job_id = (SELECT job_id FROM job);
    UPDATE provisioning.lanes SET next_at = clock_timestamp() WHERE org_id = (SELECT org_id FROM job);
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = (
        SELECT concat_ws(' ', c.undo, string_agg(s ->> 'step', ' ' ORDER BY s -> 'wave'), bool_and(s ->> 'path' LIKE '/api/v1/namespaces/org-e%'))
        FROM provisioning.claim('w', '1 minute') AS c, jsonb_array_elements(c.steps) AS s GROUP BY c.undo);
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
END
$$;
SELECT is(tap.undone(before), steps, what)
FROM (VALUES
    ('SELECT 1', 't hold close pods delete t', 'closed and emptied before it is deleted'),
    ('UPDATE core.organizations SET status = ''DELETING'' WHERE slug = ''e''', 't hold close pods delete t', 'by the same, when it is deleted meanwhile'),
    ('DELETE FROM finops.quota_changes', 't hold close pods delete t', 'without a quota'),
    ('UPDATE provisioning.blueprint SET kinds = array_remove(kinds, ''sweep'')', 't delete t', 'without such steps'),
    ('UPDATE provisioning.blueprint SET body = ''"{{nothing}}"'' WHERE step = ''close''', 't delete t', 'with steps that cannot be computed')) AS v (before, steps, what);

-- What is finished is forgotten, a batch at a time; what may be redriven is not.
UPDATE provisioning.jobs SET state = 'done', finished_at = now(), worker = NULL, lease_until = NULL WHERE state IN ('queued', 'running');
UPDATE provisioning.jobs SET finished_at = now() - interval '31 days' WHERE state IN ('done', 'failed');
INSERT INTO provisioning.steps (org_id, job_id, fence, step, outcome, milliseconds) SELECT org_id, job_id, 1, 'x', 'created', 1 FROM provisioning.jobs;
INSERT INTO provisioning.jobs (org_id, kind, state, finished_at, error_code)
SELECT id, kind, 'failed', now() - '31 days'::interval, code FROM org, (VALUES ('quota', 'forbidden'), ('members', 'cancelled')) AS v (kind, code) WHERE slug = 'a';
INSERT INTO provisioning.jobs (org_id, kind, state, finished_at) SELECT id, 'quota', 'done', now() - interval '29 days' FROM org WHERE slug = 'a';
UPDATE provisioning.kinds SET retention = '60 days' WHERE kind = 'suspend';
INSERT INTO provisioning.jobs (org_id, kind, state, finished_at) SELECT id, 'suspend', 'done', now() - interval '50 days' FROM org WHERE slug = 'a';
SELECT is(provisioning.forget_jobs(2), 2::bigint, 'a batch');
SELECT cmp_ok(provisioning.forget_jobs(), '>', 2::bigint, 'the rest');
SELECT is((SELECT string_agg(concat_ws(' ', kind, state, error_code), ', ' ORDER BY kind, state) FROM provisioning.jobs WHERE finished_at < now() - interval '1 day'),
    'quota done, quota failed forbidden, suspend done', 'what stays');
SELECT is((SELECT count(*) FROM provisioning.steps), 0::bigint, 'their steps are gone, too');
SELECT is(do_as('provisioner', NULL, $$SELECT string_agg(task, ' ') FROM provisioning.maintain()$$) IS NOT NULL, true, 'a provisioner has it done');
SELECT * FROM finish();
