-- A job that has waited long for what has no limit must not be given up by the first failure that has one.
SET LOCAL ROLE ark_owner;
ALTER TABLE provisioning.jobs ADD COLUMN refusals integer NOT NULL DEFAULT 0
    CONSTRAINT refusals_are_not_negative CHECK (refusals >= 0);
COMMENT ON COLUMN provisioning.jobs.refusals IS 'Failed attempts of those codes that have a limit (provisioning.failure_codes.max_attempts), which holds for them alone.';
