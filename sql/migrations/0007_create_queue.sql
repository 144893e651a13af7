SET LOCAL ROLE ark_owner;

CREATE TABLE provisioning.lanes (
    org_id    bigint PRIMARY KEY REFERENCES core.organizations,
    served_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_at   timestamptz
);
CREATE INDEX lanes_by_turn ON provisioning.lanes (served_at) WHERE next_at IS NOT NULL;
COMMENT ON TABLE provisioning.lanes IS 'One row per organisation: a worker locks it to take that organisation''s next job. Lanes are served in turn.';
COMMENT ON COLUMN provisioning.lanes.org_id IS 'The organisation.';
COMMENT ON COLUMN provisioning.lanes.served_at IS 'When it was served last; the longest waiting goes first.';
COMMENT ON COLUMN provisioning.lanes.next_at IS 'When it is worth looking again: earliest start, or end of the lease of its running job. A hint that may be early, never late.';

CREATE TABLE provisioning.jobs (
    org_id        bigint NOT NULL REFERENCES core.organizations,
    job_id        bigint GENERATED ALWAYS AS IDENTITY,
    kind          text NOT NULL,
    state         text NOT NULL DEFAULT 'queued',
    undo          boolean NOT NULL DEFAULT false,
    fence         bigint NOT NULL DEFAULT 0,
    attempts      integer NOT NULL DEFAULT 0,
    run_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    worker        text,
    lease_until   timestamptz,
    steps         text[],
    error_code    text,
    error         text,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at   timestamptz,
    PRIMARY KEY (org_id, job_id),
    CONSTRAINT kind_is_known CHECK (kind IN ('create')),
    CONSTRAINT state_is_known CHECK (state IN ('queued', 'running', 'done', 'failed')),
    CONSTRAINT running_has_a_lease CHECK ((state = 'running') = (lease_until IS NOT NULL AND worker IS NOT NULL)),
    CONSTRAINT finished_has_a_time CHECK ((state IN ('done', 'failed')) = (finished_at IS NOT NULL))
);
CREATE UNIQUE INDEX jobs_one_running ON provisioning.jobs (org_id) WHERE state = 'running';
COMMENT ON INDEX provisioning.jobs_one_running IS 'Never two active jobs of one organisation.';
CREATE INDEX jobs_open ON provisioning.jobs (org_id, run_at) WHERE state IN ('queued', 'running');
COMMENT ON INDEX provisioning.jobs_open IS 'What a lane still has to do.';
COMMENT ON TABLE provisioning.jobs IS 'The queue.';
COMMENT ON COLUMN provisioning.jobs.org_id IS 'The organisation.';
COMMENT ON COLUMN provisioning.jobs.job_id IS 'Names the job.';
COMMENT ON COLUMN provisioning.jobs.kind IS 'What is to be done.';
COMMENT ON COLUMN provisioning.jobs.state IS 'queued, running, done or failed.';
COMMENT ON COLUMN provisioning.jobs.undo IS 'Once true, the job takes back what it made; a successor continues that and never turns round.';
COMMENT ON COLUMN provisioning.jobs.fence IS 'Rises with every claim; the holder of an older number can change nothing any more.';
COMMENT ON COLUMN provisioning.jobs.attempts IS 'Claims that ended in an error or an expired lease, of the current direction.';
COMMENT ON COLUMN provisioning.jobs.run_at IS 'Not before.';
COMMENT ON COLUMN provisioning.jobs.worker IS 'Who holds it.';
COMMENT ON COLUMN provisioning.jobs.lease_until IS 'Until when, unless the worker''s heartbeat extends it.';
COMMENT ON COLUMN provisioning.jobs.steps IS 'Steps that the last claim was given; all must be reported before the job is done.';
COMMENT ON COLUMN provisioning.jobs.error_code IS 'Last failure: a code of provisioning.failure_codes.';
COMMENT ON COLUMN provisioning.jobs.error IS 'Last failure in words.';
COMMENT ON COLUMN provisioning.jobs.created_at IS 'When it was queued.';
COMMENT ON COLUMN provisioning.jobs.finished_at IS 'When it was done or given up.';

CREATE TABLE provisioning.steps (
    org_id       bigint NOT NULL,
    job_id       bigint NOT NULL,
    fence        bigint NOT NULL,
    step         text NOT NULL,
    outcome      text NOT NULL,
    http_status  integer,
    milliseconds numeric(12, 3) NOT NULL,
    detail       text,
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, job_id, fence, step),
    FOREIGN KEY (org_id, job_id) REFERENCES provisioning.jobs (org_id, job_id),
    CONSTRAINT outcome_is_known CHECK (outcome IN ('created', 'adopted', 'replaced', 'patched', 'skipped', 'deleted', 'absent', 'foreign', 'failed'))
);
COMMENT ON TABLE provisioning.steps IS 'What each attempt did in Kubernetes, and how long it took.';
COMMENT ON COLUMN provisioning.steps.org_id IS 'The organisation.';
COMMENT ON COLUMN provisioning.steps.job_id IS 'The job.';
COMMENT ON COLUMN provisioning.steps.fence IS 'The attempt.';
COMMENT ON COLUMN provisioning.steps.step IS 'The step of the blueprint.';
COMMENT ON COLUMN provisioning.steps.outcome IS 'What came of it; adopted: it was there already and right.';
COMMENT ON COLUMN provisioning.steps.http_status IS 'The API server''s answer.';
COMMENT ON COLUMN provisioning.steps.milliseconds IS 'From request to answer.';
COMMENT ON COLUMN provisioning.steps.detail IS 'The API server''s words, if it refused.';
COMMENT ON COLUMN provisioning.steps.recorded_at IS 'When it was recorded.';

CREATE TABLE provisioning.failure_codes (
    code         text PRIMARY KEY,
    max_attempts integer,
    base         interval NOT NULL,
    ceiling      interval NOT NULL,
    description  text NOT NULL,
    CONSTRAINT max_attempts_is_positive CHECK (max_attempts > 0)
);
COMMENT ON TABLE provisioning.failure_codes IS 'What a worker can report, and what follows from it.';
COMMENT ON COLUMN provisioning.failure_codes.code IS 'The code.';
COMMENT ON COLUMN provisioning.failure_codes.max_attempts IS 'After so many attempts the job is undone; NULL: never, it waits.';
COMMENT ON COLUMN provisioning.failure_codes.base IS 'First pause; it doubles with each attempt.';
COMMENT ON COLUMN provisioning.failure_codes.ceiling IS 'Longest pause.';
COMMENT ON COLUMN provisioning.failure_codes.description IS 'One line for people.';
INSERT INTO provisioning.failure_codes (code, max_attempts, base, ceiling, description) VALUES
    ('unavailable', NULL, '1 s',    '30 s', 'The API server could not be reached, answered 5xx, or the outcome is unknown.'),
    ('throttled',   NULL, '1 s',    '60 s', 'The API server answered 429.'),
    ('terminating', NULL, '250 ms', '5 s',  'A namespace of this name is still being deleted.'),
    ('conflict',    20,   '100 ms', '5 s',  'Another writer was faster; the next attempt reads first.'),
    ('forbidden',   5,    '1 s',    '30 s', 'The API server refused for want of a right, which may be granted yet.'),
    ('foreign',     1,    '1 s',    '1 s',  'The namespace belongs to somebody else.'),
    ('invalid',     1,    '1 s',    '1 s',  'The API server says that the object is wrong; it will say so again.'),
    ('internal',    10,   '1 s',    '60 s', 'The worker met something it does not understand.');

CREATE TABLE provisioning.blueprint (
    plan      text NOT NULL REFERENCES provisioning.plans,
    step      text NOT NULL,
    wave      integer NOT NULL,
    after     text,
    verb      text NOT NULL,
    path      text NOT NULL,
    body      jsonb NOT NULL,
    on_exists text NOT NULL DEFAULT 'compare',
    unless    text,
    PRIMARY KEY (plan, step),
    FOREIGN KEY (plan, after) REFERENCES provisioning.blueprint (plan, step),
    CONSTRAINT step_is_a_name CHECK (step ~ '^[a-z][a-z0-9-]{0,62}$'),
    CONSTRAINT wave_is_positive CHECK (wave > 0),
    CONSTRAINT verb_is_known CHECK (verb IN ('create', 'replace', 'patch')),
    CONSTRAINT on_exists_is_known CHECK (on_exists IN ('compare', 'accept'))
);
COMMENT ON TABLE provisioning.blueprint IS 'What a tenant consists of in Kubernetes. {{name}} is filled in by SQL at the claim, ${step.field} by the provisioner from an earlier answer.';
COMMENT ON COLUMN provisioning.blueprint.plan IS 'The plan.';
COMMENT ON COLUMN provisioning.blueprint.step IS 'Name of the step.';
COMMENT ON COLUMN provisioning.blueprint.wave IS 'Steps of a wave run side by side; the next wave waits for all of them.';
COMMENT ON COLUMN provisioning.blueprint.after IS 'A step of the same wave that must be done before.';
COMMENT ON COLUMN provisioning.blueprint.verb IS 'create: POST to the collection. replace: PUT, where 409 means that a controller was faster. patch: JSON Patch.';
COMMENT ON COLUMN provisioning.blueprint.path IS 'Path below the API server''s address; for create that of the collection.';
COMMENT ON COLUMN provisioning.blueprint.body IS 'The object, or the patch.';
COMMENT ON COLUMN provisioning.blueprint.on_exists IS 'compare: an existing object must say the same, else it is replaced. accept: whatever is there will do.';
COMMENT ON COLUMN provisioning.blueprint.unless IS 'Skip the step where this field of an earlier answer is there already.';

GRANT SELECT, INSERT, UPDATE ON provisioning.lanes TO ark_system;
GRANT SELECT, INSERT, UPDATE ON provisioning.jobs, provisioning.steps TO ark_system;
GRANT SELECT ON provisioning.failure_codes, provisioning.blueprint TO ark_system;
ALTER TABLE provisioning.lanes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE provisioning.jobs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE provisioning.steps ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
