SET LOCAL ROLE ark_owner;

-- A changed blueprint reaches the tenants that are there, a batch at a time.
CREATE TABLE provisioning.rollouts (
    rollout_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan         text REFERENCES provisioning.plans,
    batch        integer NOT NULL,
    max_failures integer NOT NULL,
    state        text NOT NULL DEFAULT 'running',
    last_org_id  bigint NOT NULL DEFAULT 0,
    actor        text NOT NULL,
    reason       text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at  timestamptz,
    CONSTRAINT batch_is_positive CHECK (batch BETWEEN 1 AND 1000),
    CONSTRAINT max_failures_is_positive CHECK (max_failures > 0),
    CONSTRAINT state_is_known CHECK (state IN ('running', 'paused', 'stopped', 'cancelled', 'done')),
    CONSTRAINT finished_has_a_time CHECK ((state IN ('cancelled', 'done')) = (finished_at IS NOT NULL))
);
COMMENT ON TABLE provisioning.rollouts IS 'Blueprints that are brought to the tenants that are there.';
COMMENT ON COLUMN provisioning.rollouts.rollout_id IS 'Its number.';
COMMENT ON COLUMN provisioning.rollouts.plan IS 'Tenants of this plan; NULL: of all.';
COMMENT ON COLUMN provisioning.rollouts.batch IS 'So many tenants at a time: the next ones follow when all of these have ended.';
COMMENT ON COLUMN provisioning.rollouts.max_failures IS 'It stops when so many have failed.';
COMMENT ON COLUMN provisioning.rollouts.state IS 'running; paused, by an administrator; stopped, by its failures; cancelled; done.';
COMMENT ON COLUMN provisioning.rollouts.last_org_id IS 'Tenants up to this one have had their turn.';
COMMENT ON COLUMN provisioning.rollouts.actor IS 'Who began it.';
COMMENT ON COLUMN provisioning.rollouts.reason IS 'Why.';
COMMENT ON COLUMN provisioning.rollouts.created_at IS 'When it was begun.';
COMMENT ON COLUMN provisioning.rollouts.finished_at IS 'When it ended.';
-- Two at a time would bring the same blueprint twice, and wait for each other's lanes.
CREATE UNIQUE INDEX rollouts_one_running ON provisioning.rollouts (state) WHERE state = 'running';
ALTER TABLE provisioning.jobs ADD COLUMN rollout_id bigint REFERENCES provisioning.rollouts;
COMMENT ON COLUMN provisioning.jobs.rollout_id IS 'The roll-out that it belongs to.';
CREATE INDEX jobs_of_rollouts ON provisioning.jobs (rollout_id, state) WHERE rollout_id IS NOT NULL;

ALTER TABLE provisioning.kinds ADD COLUMN steps_of text REFERENCES provisioning.kinds;
COMMENT ON COLUMN provisioning.kinds.steps_of IS 'The kind whose steps it takes, if not its own.';
INSERT INTO provisioning.kinds (kind, served, is_repeatable, priority, retention, steps_of, statuses, description) VALUES
    ('rollout', true, false, 3, '30 days', 'reconcile', '{COMMITTED,SUSPENDED}', 'Bring every object of the namespace to a blueprint that is rolled out.'),
    ('compare', true, true, 3, '1 day', NULL, '{COMMITTED,SUSPENDED}', 'Compare every object of the namespace with the blueprint; change nothing.');

-- What differs is found by looking, not only when somebody complains.
ALTER TABLE provisioning.plans
    ADD COLUMN compare_every interval NOT NULL DEFAULT '1 hour',
    ADD COLUMN on_drift text NOT NULL DEFAULT 'report',
    ADD CONSTRAINT on_drift_is_known CHECK (on_drift IN ('report', 'repair')),
    ADD CONSTRAINT compare_every_is_positive CHECK (compare_every >= interval '1 minute');
COMMENT ON COLUMN provisioning.plans.compare_every IS 'How often its tenants are compared with the blueprint.';
COMMENT ON COLUMN provisioning.plans.on_drift IS 'report: what differs is shown by admin.tenant_drift. repair: it is put right, too.';
GRANT UPDATE (compare_every, on_drift) ON provisioning.plans TO ark_system;
ALTER TABLE provisioning.lanes ADD COLUMN compared_at timestamptz;
COMMENT ON COLUMN provisioning.lanes.compared_at IS 'When the tenant was last compared with the blueprint, or that was last asked for.';
ALTER TABLE provisioning.steps DROP CONSTRAINT outcome_is_known,
    ADD CONSTRAINT outcome_is_known CHECK (outcome IN (
        'created', 'adopted', 'replaced', 'patched', 'skipped', 'deleted', 'absent', 'foreign', 'failed',
        'same', 'differs', 'missing'));
COMMENT ON COLUMN provisioning.steps.detail IS 'The API server''s words, if it refused; what differs, if anything does.';

CREATE TABLE provisioning.drift (
    org_id   bigint NOT NULL REFERENCES core.organizations,
    step     text NOT NULL,
    what     text NOT NULL,
    detail   text,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, step),
    CONSTRAINT what_is_known CHECK (what IN ('differs', 'missing'))
);
COMMENT ON TABLE provisioning.drift IS 'Objects of tenants that were not as the blueprint says when they were last looked at.';
COMMENT ON COLUMN provisioning.drift.org_id IS 'The organisation.';
COMMENT ON COLUMN provisioning.drift.step IS 'The step of the blueprint that made the object.';
COMMENT ON COLUMN provisioning.drift.what IS 'differs or missing.';
COMMENT ON COLUMN provisioning.drift.detail IS 'Which fields, and how.';
COMMENT ON COLUMN provisioning.drift.found_at IS 'Since when it is known.';
COMMENT ON COLUMN provisioning.drift.seen_at IS 'When it was last seen.';
ALTER TABLE provisioning.drift ENABLE ROW LEVEL SECURITY;
ALTER TABLE provisioning.drift FORCE ROW LEVEL SECURITY;

CREATE TABLE provisioning.stray_namespaces (
    name     text PRIMARY KEY,
    uid      text NOT NULL,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE provisioning.stray_namespaces IS 'Namespaces with our prefix that no organisation owns. They are reported, never deleted.';
COMMENT ON COLUMN provisioning.stray_namespaces.name IS 'Its name.';
COMMENT ON COLUMN provisioning.stray_namespaces.uid IS 'Its uid.';
COMMENT ON COLUMN provisioning.stray_namespaces.found_at IS 'Since when it is known.';
COMMENT ON COLUMN provisioning.stray_namespaces.seen_at IS 'When it was last seen.';

-- What concerns all of them is recorded with the platform.
ALTER TABLE core.organization_events DROP CONSTRAINT what_is_known,
    ADD CONSTRAINT what_is_known CHECK (what IN ('status', 'member', 'job', 'rollout', 'drift policy'));
GRANT SELECT, INSERT, UPDATE, DELETE ON provisioning.drift, provisioning.stray_namespaces TO ark_system;
GRANT SELECT, INSERT, UPDATE ON provisioning.rollouts TO ark_system;
INSERT INTO provisioning.maintenance (task, period, description) VALUES
    ('compare-tenants', '10 s', 'Queues the comparison of tenants whose last one is older than their plan wants.'),
    ('survey-namespaces', '1 hour', 'Has a provisioner list the cluster''s namespaces, to find those that no organisation owns.');

ALTER TABLE provisioning.blueprint DROP CONSTRAINT verb_is_known,
    ADD CONSTRAINT verb_is_known CHECK (verb IN ('create', 'replace', 'merge', 'patch', 'hold', 'clear', 'delete', 'compare'));
COMMENT ON COLUMN provisioning.blueprint.verb IS 'create: POST to the collection; where the tenant exists already, a server-side apply. replace: PUT, where 409 means that a controller was faster. merge: JSON Merge Patch. patch: JSON Patch of the namespace. hold: take the namespace over for this attempt. clear: DELETE all of a collection. delete: DELETE the namespace, and wait until it is gone. compare: GET, which must say at least the same.';
UPDATE provisioning.blueprint SET kinds = kinds || '{compare}'
WHERE verb IN ('create', 'merge');
INSERT INTO provisioning.blueprint (plan, step, wave, verb, path, kinds, body)
SELECT plan, 'gate-label', 1, 'compare', '/api/v1/namespaces/{{namespace}}', '{compare}',
       '{"metadata": {"labels": {"isolation-ready": "{{json:gate}}"}}}'
FROM provisioning.plans;
-- The namespace itself: its labels, and whether it is open, are put right last, and only if nobody has
-- written to it since it was taken over.
INSERT INTO provisioning.blueprint (plan, step, wave, verb, path, kinds, body)
SELECT plan, 'labels', 3, 'merge', '/api/v1/namespaces/{{namespace}}', '{reconcile}',
       jsonb_build_object('metadata', jsonb_build_object(
           'resourceVersion', '${namespace.metadata.resourceVersion}',
           'labels', body #> '{metadata,labels}' || '{"isolation-ready": "{{json:gate}}"}'))
FROM provisioning.blueprint WHERE step = 'namespace';

-- Its arguments change, which CREATE OR REPLACE does not do.
SET LOCAL ROLE ark_system;
DROP FUNCTION IF EXISTS provisioning.enqueue(bigint, text, timestamptz);
