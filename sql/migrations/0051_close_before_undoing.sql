SET LOCAL ROLE ark_owner;

-- A creation may be taken back when its namespace is open: its commit failed, and then it was cancelled or given
-- up. So that is closed and emptied before it is deleted, like what is swept.
ALTER TABLE provisioning.kinds ADD COLUMN undone_by text REFERENCES provisioning.kinds;
COMMENT ON COLUMN provisioning.kinds.undone_by IS 'The kind whose steps take back what such a job has made. NULL: nothing is taken back, the job is given up.';
UPDATE provisioning.kinds SET undone_by = 'sweep' WHERE kind = 'create';

ALTER TABLE provisioning.blueprint ADD COLUMN only_if text;
COMMENT ON COLUMN provisioning.blueprint.only_if IS 'Skip the step where this field of an earlier answer is absent.';
-- Once it is held, nobody of ours opens it: an opening names the fence of its attempt.
UPDATE provisioning.blueprint SET only_if = 'namespace.metadata.labels.isolation-ready' WHERE step = 'close';
