-- Suspend, resume, delete: the database's side.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS
SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id AS id;
SELECT is(try_as('dba', NULL, $$SELECT admin.suspend_organization('acme', 'unpaid')$$), '55000', 'what is not yet there is not suspended');
UPDATE core.organizations SET status = 'COMMITTED', namespace_uid = 'u', committed_at = now() WHERE id > 0;
SELECT is(do_as('app', id::text, $$SELECT (api.set_config('ai', 'threshold', '0.5', 'r')).version$$), '1', 'a value') FROM org;

SELECT is(try_as(login, NULL, format('SELECT admin.%s(%s)', f, a)), '42501', format('%s: %s', login, f))
FROM unnest(ARRAY['app', 'app_strict', 'auditor', 'monitor', 'gateway']) AS login,
    (VALUES ('suspend_organization', $$'acme', 'r'$$), ('resume_organization', $$'acme', 'r'$$), ('delete_organization', $$'acme', 'acme', 'r'$$)) AS v (f, a);
SELECT is(try_as('dba', NULL, $$SELECT admin.suspend_organization('acme', ' ')$$), '22023', 'a reason is needed');
SELECT is(try_as('dba', NULL, $$SELECT admin.suspend_organization('nobody', 'r')$$), 'P0002', 'and an organisation');

CREATE TEMP TABLE session AS SELECT api.open_session(org.id, m.user_id) AS handle FROM org JOIN core.memberships AS m ON m.org_id = org.id;
SELECT is(do_as('dba', NULL, $$SELECT (admin.suspend_organization('acme', 'unpaid')).status$$), 'SUSPENDED', 'suspended');
SELECT is(do_as('dba', NULL, $$SELECT (admin.suspend_organization('acme', 'again')).status$$), 'SUSPENDED', 'once');
SELECT throws_ok(format('SELECT api.begin_request(%L)', handle), '28000', NULL, 'its sessions are worth nothing') FROM session;
SELECT is(try_as('app', id::text, $$SELECT api.request_quota(p_cpu => '20', p_reason => 'r')$$), '55000', 'no other quota meanwhile') FROM org;
SELECT is(try_as('app', id::text, $$SELECT api.invite_member('x@y', 'x')$$), '55000', 'no new members') FROM org;
SELECT is(do_as('dba', NULL, $$SELECT (admin.resume_organization('acme', 'paid')).status$$), 'COMMITTED', 'resumed');
SELECT lives_ok(format('SELECT api.begin_request(%L)', handle), 'its sessions go on') FROM session;

SELECT is(try_as('dba', NULL, $$SELECT admin.delete_organization('acme', 'acm', 'r')$$), '22023', 'a deletion is confirmed by the slug');
SELECT is(do_as('dba', NULL, $$SELECT (admin.delete_organization('acme', 'acme', 'left us')).status$$), 'DELETING', 'deleted');
SELECT is(try_as('app', id::text, $$SELECT coalesce(value, 'tombstone') || version FROM service_configs WHERE service = 'ai'$$), 'tombstone2', 'pods hear of it') FROM org;
SELECT is(try_as('app', id::text, $$SELECT reason FROM config_history WHERE service = 'ai' AND version = 2$$), 'left us', 'with the reason') FROM org;
SELECT is((SELECT count(*) FROM auth.sessions WHERE ended_at IS NULL), 0::bigint, 'no session goes on');
SELECT throws_ok($$SELECT api.create_organization(gen_random_uuid(), 'Acme', 'b@acme.example')$$, '23505', NULL, 'the slug is reserved');
UPDATE core.organizations SET status = 'DELETED' WHERE id > 0;
SELECT lives_ok($$SELECT api.create_organization(gen_random_uuid(), 'Acme', 'b@acme.example')$$, 'until the namespace is gone');
SELECT is(try_as('app', id::text, $$SELECT concat_ws(' ', detail ->> 'old', detail ->> 'new', reason) FROM organization_events WHERE what = 'status' ORDER BY event_id$$),
    'COMMITTED SUSPENDED unpaid,SUSPENDED COMMITTED paid,COMMITTED DELETING left us', 'all of it is recorded') FROM org;
SELECT is((SELECT string_agg(kind, ',' ORDER BY job_id) FROM provisioning.jobs WHERE org_id = org.id), 'create,suspend,resume,delete', 'and queued') FROM org;

-- Deleted while it is being made: it stays deleted, whatever becomes of the making.
CREATE FUNCTION tap.ended_as(p_slug text, p_end text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_id  bigint := (api.create_organization(gen_random_uuid(), p_slug, 'x@x.example', p_slug)).id;
    v_job record;
BEGIN
    -- No other lane is due.
    UPDATE provisioning.lanes SET next_at = NULL WHERE org_id <> v_id;
    SELECT * INTO STRICT v_job FROM provisioning.claim('worker', '1 minute') AS c WHERE c.org_id = v_id;
    PERFORM admin.delete_organization(p_slug, p_slug, 'a mistake');
    IF p_end = 'undone' THEN
        UPDATE provisioning.jobs SET undo = true WHERE job_id = v_job.job_id;
    END IF;
    RETURN provisioning.complete(v_id, v_job.job_id, v_job.fence, 'uid', (
        SELECT jsonb_agg(jsonb_build_object('step', s, 'outcome', 'created', 'http_status', 201, 'milliseconds', 1)) FROM provisioning.jobs AS j, unnest(j.steps) AS s WHERE j.job_id = v_job.job_id));
END
$$;
SELECT is(tap.ended_as('gone', 'done'), 'DELETING', 'a creation that is done after the deletion');
SELECT is(tap.ended_as('gone2', 'undone'), 'DELETING', 'one that is undone');
SELECT is(try_as('app', o.id::text, $$SELECT api.set_config('ai', 'threshold', '0.5', 'r')$$), '55000', 'has no configuration: ' || o.slug)
FROM core.organizations AS o WHERE o.slug LIKE 'gone%';
SELECT throws_ok($$SELECT api.create_organization(gen_random_uuid(), 'Gone 2', 'b@x.example', 'gone2')$$, '23505', NULL, 'and its slug is reserved until its namespace is gone');
SELECT is(do_as('dba', NULL, $$SELECT admin.redrive('r')$$), '0', 'nothing brings it back');

-- When its own job is done, it is gone, and the slug is free.
UPDATE provisioning.lanes SET next_at = clock_timestamp() WHERE org_id = (SELECT o.id FROM core.organizations AS o WHERE o.slug = 'gone2');
CREATE TEMP TABLE job AS SELECT c.* FROM core.organizations AS o, LATERAL (SELECT * FROM provisioning.claim('worker', '1 minute') WHERE o.slug = 'gone2') AS c WHERE o.slug = 'gone2';
SELECT is((SELECT j.kind FROM provisioning.jobs AS j JOIN job USING (job_id)), 'delete', 'the deletion is due');
SELECT is((SELECT provisioning.complete(job.org_id, job.job_id, job.fence, NULL, (
    SELECT jsonb_agg(jsonb_build_object('step', s, 'outcome', 'created', 'http_status', 200, 'milliseconds', 1)) FROM provisioning.jobs AS j, unnest(j.steps) AS s WHERE j.job_id = job.job_id)) FROM job),
    'DELETED', 'a deletion that is done');
SELECT lives_ok($$SELECT api.create_organization(gen_random_uuid(), 'Gone 2', 'b@x.example', 'gone2')$$, 'frees the slug');

-- A deletion that nobody has begun is taken back, to a state from which nothing opens by itself.
CREATE FUNCTION tap.taken_back(p_slug text, p_before text, p_fence bigint DEFAULT 0) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_id  bigint := (api.create_organization(gen_random_uuid(), p_slug, 'x@x.example', p_slug)).id;
    v_job bigint;
BEGIN
    EXECUTE format(p_before, v_id);
    PERFORM admin.delete_organization(p_slug, p_slug, 'a mistake');
    UPDATE provisioning.jobs SET fence = p_fence WHERE org_id = v_id AND kind = 'delete' RETURNING job_id INTO v_job;
    PERFORM admin.cancel_job(v_job, 'the wrong one');
    RETURN (SELECT o.status || ' ' || (SELECT string_agg(kind || ':' || state, ',' ORDER BY job_id) FROM provisioning.jobs WHERE org_id = v_id)
            || ' ' || (SELECT count(*) FROM admin.stuck_jobs('-1 hour') WHERE slug = p_slug AND why LIKE '%cancelled%')
            || ' ' || (SELECT concat_ws(' ', old, new, reason) FROM admin.changes(p_slug) WHERE what = 'status' LIMIT 1)
            FROM core.organizations AS o WHERE o.id = v_id);
EXCEPTION WHEN object_not_in_prerequisite_state THEN
    RETURN SQLSTATE;
END
$$;
SELECT is(tap.taken_back('back1', 'UPDATE core.organizations SET status = ''COMMITTED'', namespace_uid = ''u'', committed_at = now() WHERE id = %1$s; UPDATE provisioning.jobs SET state = ''done'', finished_at = now() WHERE org_id = %1$s'),
    'SUSPENDED create:done,delete:failed,suspend:queued 0 DELETING SUSPENDED the wrong one', 'a deletion is taken back');
SELECT is(do_as('dba', NULL, $$SELECT (admin.resume_organization('back1', 'it was the wrong one')).status$$), 'COMMITTED', 'and opened again by hand');
SELECT is(tap.taken_back('back2', 'SELECT %s'), 'PENDING create:queued,delete:failed 0 DELETING PENDING the wrong one', 'one that was being made goes on to be made');
SELECT is(tap.taken_back('back3', 'UPDATE provisioning.jobs SET undo = true WHERE org_id = %s'), 'PENDING create:queued,delete:failed 0 DELETING PENDING the wrong one', 'one that was being undone goes on to be undone');
SELECT is(try_as('app', NULL, $$SELECT api.create_organization(gen_random_uuid(), 'x', 'x@x.example', 'back3')$$), '23505', 'and its slug is not free before that');
SELECT is(tap.taken_back('back4', 'SELECT %s', 1), '55000', 'not when it has begun');

-- What the organisation is to be is its status: whoever brings it about is not cancelled, waiting or at work.
CREATE FUNCTION tap.cancelled(p_kind text, p_update text, p_before text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_id   bigint;
    v_what text;
BEGIN
    v_id := (api.create_organization(gen_random_uuid(), 'Steady', 's@steady.example', 'steady')).id;
    UPDATE provisioning.jobs SET state = 'done', finished_at = now() WHERE org_id = v_id;
    UPDATE core.organizations SET status = 'COMMITTED', namespace_uid = 'u', committed_at = now() WHERE id = v_id;
    PERFORM admin.suspend_organization('steady', 'r');
    IF p_kind = 'resume' THEN
        UPDATE provisioning.jobs SET state = 'done', finished_at = now() WHERE org_id = v_id;
        PERFORM admin.resume_organization('steady', 'r');
    END IF;
    EXECUTE format('UPDATE provisioning.jobs SET %s WHERE org_id = %s AND kind = %L AND state = ''queued''', p_update, v_id, p_kind);
    EXECUTE p_before;
    v_what := tap.try_as('dba', NULL, (
        SELECT format('SELECT admin.cancel_job(%s, ''r'')', max(j.job_id)) FROM provisioning.jobs AS j WHERE j.org_id = v_id AND j.kind = p_kind));
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = concat_ws(' ', v_what, (SELECT o.status FROM core.organizations AS o WHERE o.id = v_id),
        (SELECT string_agg(j.kind || ':' || j.state, ',' ORDER BY j.job_id) FROM provisioning.jobs AS j WHERE j.org_id = v_id AND j.state IN ('queued', 'running')));
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
END
$$;
SELECT is(tap.cancelled(kind, change, before), outcome, format('%s, %s', kind, what))
FROM (VALUES
    ('suspend', 'fence = 0', 'SELECT', '55000 SUSPENDED suspend:queued', 'that nobody has begun'),
    ('suspend', 'fence = 3, attempts = 2, error_code = ''unavailable'', error = ''x''', 'SELECT', '55000 SUSPENDED suspend:queued', 'that is tried again'),
    ('suspend', 'state = ''running'', fence = 1, worker = ''w'', lease_until = now()', 'SELECT', '55000 SUSPENDED suspend:running', 'at work'),
    ('resume', 'fence = 0', 'SELECT', '55000 COMMITTED resume:queued', 'that nobody has begun'),
    ('resume', 'state = ''running'', fence = 1, worker = ''w'', lease_until = now()', 'SELECT', '55000 COMMITTED resume:running', 'at work'),
    -- The status taken back, the other job stands in its place.
    ('suspend', 'fence = 0', 'SELECT admin.resume_organization(''steady'', ''r'')', 'failed COMMITTED suspend:queued,resume:queued', 'that is taken back'),
    ('suspend', 'state = ''running'', fence = 1, worker = ''w'', lease_until = now()', 'SELECT admin.resume_organization(''steady'', ''r'')', 'asked COMMITTED suspend:running,resume:queued', 'at work, that is taken back'),
    ('resume', 'fence = 0', 'SELECT admin.suspend_organization(''steady'', ''r'')', 'failed SUSPENDED resume:queued,suspend:queued', 'that is taken back')) AS v (kind, change, before, outcome, what);

-- From which states, each of them.
CREATE FUNCTION tap.from_state(p_status text, p_call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM api.create_organization(gen_random_uuid(), 'States', 's@x.example', 'states');
    UPDATE core.organizations SET status = p_status, namespace_uid = 'u', committed_at = now() WHERE slug = 'states';
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = tap.try_as('dba', NULL, 'SELECT status FROM ' || p_call);
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
END
$$;
SELECT is(tap.from_state(status, call), outcome, status || ': ' || call)
FROM (VALUES ('SUSPENDED', 'admin.delete_organization(''states'', ''states'', ''r'')', 'DELETING'), ('DELETING', 'admin.resume_organization(''states'', ''r'')', '55000'),
    ('DELETING', 'admin.suspend_organization(''states'', ''r'')', '55000'), ('PENDING', 'admin.resume_organization(''states'', ''r'')', '55000')) AS v (status, call, outcome);
SELECT is(try_as('app', id::text, $$SELECT count(*) FROM service_configs WHERE value IS NOT NULL$$), '0', 'all of its configuration is tombstones, its quota too') FROM org;
CREATE FUNCTION tap.deleted_as(p_status text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_id  bigint;
    v_job record;
BEGIN
    v_id := (api.create_organization(gen_random_uuid(), 'Taken', 'x@x.example', 'taken')).id;
    UPDATE core.organizations SET status = 'COMMITTED', namespace_uid = 'u', committed_at = now() WHERE id = v_id;
    UPDATE provisioning.jobs SET state = 'done', finished_at = now() WHERE org_id = v_id;
    PERFORM admin.delete_organization('taken', 'taken', 'r');
    UPDATE provisioning.lanes SET next_at = CASE WHEN org_id = v_id THEN clock_timestamp() END;
    SELECT * INTO STRICT v_job FROM provisioning.claim('w', '1 minute');
    UPDATE core.organizations SET status = p_status WHERE id = v_id;
    PERFORM provisioning.complete(v_id, v_job.job_id, v_job.fence, NULL, (
        SELECT jsonb_agg(jsonb_build_object('step', s, 'outcome', 'created', 'http_status', 200, 'milliseconds', 1)) FROM provisioning.jobs AS j, unnest(j.steps) AS s WHERE j.job_id = v_job.job_id));
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = (SELECT status FROM core.organizations WHERE id = v_id);
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
END
$$;
SELECT is(tap.deleted_as('DELETING'), 'DELETED', 'a deletion that is done');
SELECT is(tap.deleted_as('SUSPENDED'), 'SUSPENDED', 'ends nothing but a deletion');
-- back1 was deleted, taken back and resumed above.
SELECT is((SELECT string_agg(key || '=' || coalesce(value, 'tombstone'), ' ' ORDER BY key) FROM config.service_configs AS c JOIN core.organizations AS o ON o.id = c.org_id WHERE o.slug = 'back1' AND c.service = 'quota'),
    'cpu=10 memory=20Gi storage=10Gi', 'with it, the mirror of its quota is back');
SELECT is(try_as('dba', NULL, format('SELECT admin.retry_job(%s, ''r'')', job_id)), '55000', 'a deletion that was taken back is not retried in an organisation that is open')
FROM admin.jobs('back1') WHERE kind = 'delete';

SELECT * FROM finish();
