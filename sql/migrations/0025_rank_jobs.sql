SET LOCAL ROLE ark_owner;

ALTER TABLE provisioning.kinds
    ADD COLUMN priority smallint NOT NULL DEFAULT 3,
    ADD COLUMN retention interval NOT NULL DEFAULT '30 days',
    ADD CONSTRAINT priority_is_known CHECK (priority BETWEEN 0 AND 3),
    ADD CONSTRAINT retention_is_positive CHECK (retention > interval '0');
COMMENT ON COLUMN provisioning.kinds.priority IS '0: before everything else of its organisation. 1: somebody waits for it. 2: soon. 3: when there is time. A job overtakes those of the next number, unless they have waited for five minutes longer: nothing starves.';
COMMENT ON COLUMN provisioning.kinds.retention IS 'How long a job, and the record of its steps, is kept when it is finished.';
UPDATE provisioning.kinds SET priority = CASE kind WHEN 'create' THEN 0 WHEN 'suspend' THEN 1 WHEN 'resume' THEN 1 WHEN 'reconcile' THEN 3 ELSE 2 END;

ALTER TABLE provisioning.jobs
    ADD COLUMN priority smallint NOT NULL DEFAULT 3,
    ADD COLUMN cancelled boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN provisioning.jobs.priority IS 'That of its kind.';
COMMENT ON COLUMN provisioning.jobs.cancelled IS 'An administrator wants it to end before its next step.';
ALTER TABLE provisioning.lanes ADD COLUMN priority smallint NOT NULL DEFAULT 3;
COMMENT ON COLUMN provisioning.lanes.priority IS 'That of the job that is next.';
COMMENT ON COLUMN provisioning.lanes.next_at IS 'Since when the lane is to be served: its job is due since then, or the lane was served then. Of a running job, when its lease ends. NULL: nothing to do.';
ALTER TABLE provisioning.jobs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE provisioning.lanes NO FORCE ROW LEVEL SECURITY;
UPDATE provisioning.jobs AS j SET priority = k.priority FROM provisioning.kinds AS k WHERE k.kind = j.kind;
UPDATE provisioning.lanes AS l SET priority = j.priority
FROM (SELECT org_id, min(priority) AS priority FROM provisioning.jobs WHERE state IN ('queued', 'running') GROUP BY org_id) AS j
WHERE j.org_id = l.org_id;
ALTER TABLE provisioning.lanes FORCE ROW LEVEL SECURITY;
ALTER TABLE provisioning.jobs FORCE ROW LEVEL SECURITY;

-- An organisation with ten thousand jobs costs no more than one with a single job, and one lane shows
-- what is next in it.
DROP INDEX provisioning.jobs_open;
DROP INDEX provisioning.lanes_by_turn;
CREATE INDEX jobs_by_turn ON provisioning.jobs (org_id, priority, run_at) WHERE state = 'queued';
CREATE INDEX jobs_by_end ON provisioning.jobs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX lanes_by_turn ON provisioning.lanes (priority, next_at) WHERE next_at IS NOT NULL;

INSERT INTO provisioning.failure_codes (code, max_attempts, base, ceiling, description) VALUES
    ('cancelled', 1, '1 s', '1 s', 'An administrator has ended it between two steps.');
INSERT INTO provisioning.maintenance (task, period, description) VALUES
    ('forget-jobs', '1 minute', 'Deletes finished jobs, a batch at a time, when they are older than their kind is kept.');
GRANT DELETE ON provisioning.jobs, provisioning.steps TO ark_system;

-- Their results change, which CREATE OR REPLACE does not do.
SET LOCAL ROLE ark_system;
DROP FUNCTION IF EXISTS provisioning.heartbeat(bigint, bigint, bigint, interval);
