-- A blueprint is brought to the tenants that are there; what differs from it is found and put right.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS
SELECT slug, (api.create_organization(gen_random_uuid(), slug, 'a@x.example', slug)).id
FROM unnest(ARRAY['a', 'b', 'c', 'd', 'e']) AS slug;
GRANT SELECT ON org TO PUBLIC;
UPDATE provisioning.jobs SET state = 'done', finished_at = now();
UPDATE core.organizations SET status = 'COMMITTED', namespace_uid = 'uid-' || slug, committed_at = now() WHERE id > 0;
UPDATE core.organizations SET status = 'SUSPENDED' WHERE slug = 'b';
UPDATE core.organizations SET status = 'DELETING' WHERE slug = 'c';
UPDATE provisioning.lanes SET next_at = NULL, served_at = '-infinity';

-- Carries out what is due, as far as it is due; those named fail. Returns whose turn it was.
CREATE FUNCTION tap.work(VARIADIC p_failing text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_claim record;
    v_order text[] := '{}';
BEGIN
    LOOP
        SELECT c.* INTO v_claim FROM provisioning.claim('w', '1 minute') AS c;
        EXIT WHEN NOT FOUND;
        v_order := v_order || substr(v_claim.namespace, 5);
        IF substr(v_claim.namespace, 5) = ANY (p_failing) THEN
            PERFORM provisioning.fail(v_claim.org_id, v_claim.job_id, v_claim.fence, 'invalid', 'no', NULL, '[]');
        ELSE
            PERFORM provisioning.complete(v_claim.org_id, v_claim.job_id, v_claim.fence, 'uid-' || substr(v_claim.namespace, 5), (
                SELECT jsonb_agg(jsonb_build_object('step', s ->> 'step', 'outcome', 'patched', 'milliseconds', 1))
                FROM jsonb_array_elements(v_claim.steps) AS s));
        END IF;
    END LOOP;
    RETURN array_to_string(v_order, ' ');
END
$$;
CREATE FUNCTION tap.rollout() RETURNS text LANGUAGE sql AS
    $$SELECT concat_ws(' ', state, done, failed, under_way, "left") FROM admin.rollouts() ORDER BY rollout_id DESC LIMIT 1$$;

-- One that is being made, perhaps by the old blueprint: the queue, in its order.
BEGIN;
SELECT (api.create_organization(gen_random_uuid(), 'young', 'a@x.example', 'young')).id AS young \gset
SELECT lives_ok($$SELECT admin.roll_out('narrower')$$, 'begun');
SELECT is(tap.rollout(), 'running 0 0 4 0', 'it is no part of the batch');
SELECT is((SELECT string_agg(kind, ' ' ORDER BY job_id) FROM provisioning.jobs WHERE org_id = :young AND state = 'queued'), 'create reconcile', 'but is looked after when it is made');
ROLLBACK;
SELECT is(do_as('dba', NULL, $$SELECT admin.roll_out('narrower', p_batch => 2) > 0$$), 'true', 'begun');
SELECT is(try_as('dba', NULL, $$SELECT admin.roll_out('again')$$), '55000', 'one at a time');
SELECT is(tap.rollout(), 'running 0 0 2 2', 'the first batch');
SELECT is((SELECT string_agg(o.slug, ' ' ORDER BY j.org_id) FROM provisioning.jobs AS j JOIN core.organizations AS o ON o.id = j.org_id WHERE j.kind = 'rollout'), 'a b', 'in order');
SELECT is((SELECT string_agg(s ->> 'step', ' ') FROM provisioning.claim('w', '1 minute'), jsonb_array_elements(steps) AS s),
    (SELECT string_agg(s ->> 'step', ' ') FROM org, jsonb_array_elements(provisioning.render(id, 'reconcile', 1)) AS s WHERE slug = 'a'), 'with the steps of a reconciliation');
UPDATE provisioning.jobs SET state = 'queued', worker = NULL, lease_until = NULL WHERE state = 'running';
UPDATE provisioning.lanes AS l SET next_at = j.created_at FROM provisioning.jobs AS j WHERE j.org_id = l.org_id AND j.state = 'queued';
SELECT is(tap.work(), 'a b d e', 'batch by batch, and none that is being deleted');
SELECT is(tap.rollout(), 'done 4 0 0 0', 'done');

-- It stops at its failures, and goes on when they are mended.
SELECT cmp_ok(do_as('dba', NULL, $$SELECT admin.roll_out('wrong one', p_batch => 2)$$)::bigint, '>', 1::bigint, 'another');
SELECT is(tap.work('a'), 'a', 'one fails, and nobody follows');
SELECT is(tap.rollout(), 'stopped 0 1 1 2', 'it has stopped');
SELECT is((SELECT failure FROM admin.rollouts() WHERE state = 'stopped'), 'a: invalid: no', 'it is said why');
SELECT is(try_as('dba', NULL, format($$SELECT admin.pause_rollout(%s, 'r')$$, max(rollout_id))), '55000', 'what has stopped is not paused') FROM admin.rollouts();
SELECT is(do_as('dba', NULL, format($$SELECT admin.resume_rollout(%s, 'mended')$$, max(rollout_id))), 'running', 'resumed') FROM admin.rollouts();
SELECT is(tap.work(), 'a b d e', 'the rest, and the one that had failed');
SELECT is(tap.rollout(), 'done 4 0 0 0', 'done');

SELECT lives_ok($$SELECT admin.roll_out('patient', p_batch => 1, p_max_failures => 2)$$, 'one that bears a failure');
SELECT is(tap.work('a', 'd'), 'a b d', 'but not two');
SELECT is(tap.rollout(), 'stopped 1 2 0 1', 'stopped');
SELECT is(do_as('dba', NULL, format($$SELECT admin.cancel_rollout(%s, 'enough')$$, max(rollout_id))), 'cancelled', 'ended') FROM admin.rollouts();
SELECT is(try_as('dba', NULL, format($$SELECT admin.resume_rollout(%s, 'r')$$, max(rollout_id))), '55000', 'for good') FROM admin.rollouts();

-- Paused.
SELECT lives_ok($$SELECT admin.roll_out('paused', p_batch => 2)$$, 'begun');
SELECT is(do_as('dba', NULL, format($$SELECT admin.pause_rollout(%s, 'lunch')$$, max(rollout_id))), 'paused', 'paused') FROM admin.rollouts();
SELECT is(tap.work(), '', 'nothing is done');
SELECT is((SELECT count(*) FROM admin.stuck_jobs('0') WHERE kind = 'rollout' AND what_to_do LIKE '%resume_rollout%'), 2::bigint, 'it is said why they wait');
SELECT is(do_as('dba', NULL, format($$SELECT admin.resume_rollout(%s, 'eaten')$$, max(rollout_id))), 'running', 'resumed') FROM admin.rollouts();
SELECT is(tap.work(), 'a b d e', 'all of it');
SELECT lives_ok($$SELECT admin.roll_out('cancelled', p_batch => 2)$$, 'begun');
SELECT is(do_as('dba', NULL, format($$SELECT admin.cancel_rollout(%s, 'no')$$, max(rollout_id))), 'cancelled', 'cancelled') FROM admin.rollouts();
SELECT is(tap.work(), '', 'nothing is left');
SELECT is(tap.rollout(), 'cancelled 0 0 0 0', 'and nothing counted');
SELECT is((SELECT string_agg(detail ->> 'how', ' ' ORDER BY event_id) FROM core.organization_events WHERE org_id = 0 AND what = 'rollout'),
    'begin begin running begin cancelled begin paused running begin cancelled', 'who did what is recorded');
SELECT is(try_as('dba', NULL, statement), code, statement)
FROM (VALUES ('SELECT admin.roll_out(''r'', p_plan => ''gold'')', 'P0002'), ('SELECT admin.roll_out('''')', '22023'), ('SELECT admin.roll_out(''r'', p_batch => 0)', '22023'),
             ('SELECT admin.roll_out(''r'', p_max_failures => 0)', '22023'), ('SELECT admin.pause_rollout(99, ''r'')', 'P0002'), ('SELECT admin.resume_rollout(99, ''r'')', 'P0002'),
             ('SELECT admin.cancel_rollout(99, ''r'')', 'P0002'), ('SELECT admin.compare(''nobody'')', 'P0002'), ('SELECT admin.repair(''nobody'', ''r'')', 'P0002'),
             ('SELECT admin.repair(''c'', ''r'')', '55000'), ('SELECT admin.repair(''a'', '''')', '22023'), ('SELECT admin.set_drift_policy(''force'', ''1 hour'', ''r'')', '22023'),
             ('SELECT admin.set_drift_policy(''repair'', ''1 s'', ''r'')', '22023'), ('SELECT admin.set_drift_policy(''repair'', ''1 hour'', ''r'', ''gold'')', 'P0002')) AS v (statement, code);
SELECT is(try_as(login, NULL, statement), '42501', format('%s: %s', login, statement))
FROM unnest(ARRAY['app', 'app_strict', 'pod_ai', 'bridge', 'gateway', 'provisioner', 'monitor']) AS login,
    unnest(ARRAY['SELECT admin.roll_out(''r'')', 'SELECT admin.compare()', 'SELECT admin.repair(''a'', ''r'')']) AS statement;

-- A comparison: the objects as they would be now, changed by nobody.
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', s ->> 'verb', s ->> 'wave', s ->> 'after'), ',') FROM org, jsonb_array_elements(provisioning.render(id, 'compare', 7)) AS s WHERE slug = 'a'), 'compare 1', 'all side by side');
SELECT is((SELECT s -> 'body' -> 'metadata' ->> 'uid' FROM org, jsonb_array_elements(provisioning.render(id, 'compare', 7)) AS s WHERE slug = 'a' AND s ->> 'step' = 'namespace'), 'uid-a', 'the recorded namespace');
SELECT is((SELECT count(*) FROM org, jsonb_array_elements(provisioning.render(id, 'compare', 7)) AS s WHERE slug = 'a' AND s::text ~ '\$\{|\{\{|fence'), 0::bigint, 'nothing is open, and no fence');
SELECT is((SELECT string_agg(s #>> '{body,metadata,labels,isolation-ready}', ' ') FROM org, jsonb_array_elements(provisioning.render(id, 'compare', 7)) AS s WHERE slug = 'a' AND s ->> 'step' = 'gate-label'), 'true', 'open');
SELECT is((SELECT jsonb_typeof(s #> '{body,metadata,labels,isolation-ready}') FROM org, jsonb_array_elements(provisioning.render(id, 'compare', 7)) AS s WHERE slug = 'b' AND s ->> 'step' = 'gate-label'), 'null', 'closed, if it is suspended');

CREATE FUNCTION tap.forget(p_kind text) RETURNS void LANGUAGE sql AS $$
    DELETE FROM provisioning.steps AS s USING provisioning.jobs AS j WHERE s.job_id = j.job_id AND j.kind = p_kind;
    DELETE FROM provisioning.jobs WHERE kind = p_kind
$$;
CREATE FUNCTION tap.find(p_slug text, p_found jsonb, p_detail text DEFAULT 'd', p_keep boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_claim record;
BEGIN
    UPDATE provisioning.lanes SET next_at = NULL;
    IF NOT p_keep THEN
        PERFORM tap.forget('reconcile');
    END IF;
    PERFORM admin.compare(p_slug);
    SELECT c.* INTO v_claim FROM provisioning.claim('w', '1 minute') AS c;
    PERFORM provisioning.complete(v_claim.org_id, v_claim.job_id, v_claim.fence, NULL, (
        SELECT jsonb_agg(jsonb_build_object('step', s ->> 'step', 'outcome', coalesce(p_found ->> (s ->> 'step'), 'same'), 'milliseconds', 1, 'detail', p_detail))
        FROM jsonb_array_elements(v_claim.steps) AS s));
    RETURN (SELECT coalesce(string_agg(d.step || ' ' || d.what, ', ' ORDER BY d.step), 'nothing') FROM admin.tenant_drift() AS d WHERE slug = p_slug)
        || (SELECT ', ' || count(*) FROM provisioning.jobs WHERE kind = 'reconcile');
END
$$;
SELECT is(tap.find('a', '{}'), 'nothing, 0', 'all is as it should be');
SELECT is(tap.find('a', '{"resource-quota": "differs", "limit-range": "missing"}'), 'limit-range missing, resource-quota differs, 0', 'reported');
UPDATE provisioning.drift SET found_at = '2026-01-01';
SELECT is(tap.find('a', '{"resource-quota": "differs"}'), 'resource-quota differs, 0', 'what is right again is forgotten');
SELECT is((SELECT found_at = '2026-01-01' AND seen_at > '2026-01-01' FROM provisioning.drift), true, 'since when is kept');
SELECT is(do_as('dba', NULL, $$SELECT admin.set_drift_policy('repair', '15 minutes', 'strict')$$), '1', 'from now on');
SELECT is(tap.find('a', '{"resource-quota": "differs"}'), 'resource-quota differs, 1', 'it is repaired');
SELECT is(tap.find('a', '{"namespace": "missing"}'), 'namespace missing, 0', 'but a namespace that is gone is not');
SELECT is(tap.find('a', '{"namespace": "differs"}', 'metadata.labels.x: absent instead of "y"; metadata.uid: "u" instead of "uid-a"'), 'namespace differs, 0', 'nor another one of its name');
SELECT is(tap.find('a', '{"namespace": "differs"}', 'metadata.labels.x: absent instead of "metadata.uid"'), 'namespace differs, 1', 'one that is ours is');
SELECT is(tap.find('a', '{"resource-quota": "differs"}'), 'resource-quota differs, 1', 'once more');
SELECT is(tap.work(), 'a', 'the repair');
SELECT is((SELECT count(*) FROM admin.tenant_drift()), 0::bigint, 'and it is gone');

-- A repair that fails at each comparison is one dead letter, not one for each.
SELECT is(tap.find('a', '{"resource-quota": "differs"}'), 'resource-quota differs, 1', 'a repair that will fail');
SELECT is(tap.work('a'), 'a', 'and is given up');
SELECT is(tap.find('a', '{"resource-quota": "differs"}', p_keep => true), 'resource-quota differs, 1', 'no second one');
SELECT is((SELECT concat_ws(' ', state, attempts, refusals, finished_at IS NULL) FROM provisioning.jobs WHERE kind = 'reconcile'), 'queued 0 0 t', 'but once more the first');
SELECT is(tap.work('a'), 'a', 'which fails again');
SELECT is((SELECT string_agg(state, ' ') FROM provisioning.jobs WHERE kind = 'reconcile'), 'failed', 'and stays the only one');
UPDATE provisioning.jobs SET error_code = 'cancelled' WHERE kind = 'reconcile';
SELECT is(tap.find('a', '{"resource-quota": "differs"}', p_keep => true), 'resource-quota differs, 2', 'what an administrator has cancelled stays so');
SELECT is(tap.work(), 'a', 'the new one');
SELECT is((SELECT string_agg(state, ' ' ORDER BY job_id) FROM provisioning.jobs WHERE kind = 'reconcile'), 'failed done', 'is done');
DO $$BEGIN PERFORM tap.forget('reconcile'); END$$;

-- By the clock.
UPDATE provisioning.lanes SET compared_at = now() - interval '16 minutes' WHERE org_id = (SELECT id FROM org WHERE slug = 'a');
UPDATE provisioning.lanes SET compared_at = now() - interval '14 minutes' WHERE org_id <> (SELECT id FROM org WHERE slug = 'a');
SELECT is(provisioning.compare_due(), 1::bigint, 'who was not looked at for long enough');
SELECT is(provisioning.compare_due(), 0::bigint, 'once');
SELECT is((SELECT o.slug FROM provisioning.jobs AS j JOIN core.organizations AS o ON o.id = j.org_id WHERE j.kind = 'compare' AND j.state = 'queued'), 'a', 'that one');

-- Namespaces that nobody owns.
CREATE FUNCTION tap.stray(p_names jsonb) RETURNS text LANGUAGE sql AS
    $$SELECT coalesce(string_agg(name, ' '), 'none') FROM provisioning.report_namespaces(p_names)$$;
UPDATE core.organizations SET status = 'PENDING', namespace_uid = NULL, committed_at = NULL WHERE slug = 'e';
SELECT is(tap.stray(names), strays, what)
FROM (VALUES
    ('[{"name": "org-a", "uid": "uid-a"}, {"name": "kube-system", "uid": "1"}, {"name": "default", "uid": "2"}]'::jsonb, 'none', 'ours, and others'''),
    ('[{"name": "org-a", "uid": "other"}]', 'org-a', 'another of the same name'),
    ('[{"name": "org-zz", "uid": "3"}, {"name": "org-e", "uid": "4"}]', 'org-zz', 'one that is being made is not'),
    ('[{"name": "org-zz", "uid": "3"}]', 'org-zz', 'again')) AS v (names, strays, what);
SELECT is((SELECT concat_ws(' ', slug, what, repair) FROM admin.tenant_drift() WHERE what = 'stray'), 'org-zz stray kubectl get namespace org-zz -o yaml', 'it is shown');
SELECT is(tap.stray('[]'), 'none', 'until it is gone');

-- One that bears the marks of an organisation which has none any more is swept; of another, reported only.
UPDATE core.organizations SET status = 'FAILED', failure = 'f' WHERE slug = 'e';
CREATE FUNCTION tap.swept(p_name text, p_operation_id text) RETURNS text LANGUAGE sql AS $$
    SELECT tap.stray(jsonb_build_array(jsonb_build_object('name', p_name, 'uid', '5', 'operation_id', p_operation_id)));
    SELECT coalesce((SELECT string_agg(o.slug, ' ') FROM provisioning.jobs AS j JOIN core.organizations AS o ON o.id = j.org_id WHERE j.kind = 'sweep'), 'none')
$$;
SELECT is(tap.swept('org-e', gen_random_uuid()::text), 'none', 'with marks that nobody knows');
SELECT is(tap.swept('org-e', NULL), 'none', 'without marks');
SELECT is(tap.swept('org-zz', operation_id::text), 'none', 'under another name') FROM core.organizations WHERE slug = 'e';
SELECT is(tap.swept('org-a', operation_id::text), 'none', 'of one that has a namespace') FROM core.organizations WHERE slug = 'a';
SELECT is(tap.swept('org-e', operation_id::text), 'e', 'of one that has FAILED') FROM core.organizations WHERE slug = 'e';
SELECT is(tap.swept('org-e', operation_id::text), 'e', 'once') FROM core.organizations WHERE slug = 'e';
SELECT is((SELECT namespace_uid FROM provisioning.claim('w', '15 s') WHERE kind = 'sweep'), NULL, 'by its marks, not by a recorded uid');
SELECT * FROM finish();
