-- Their arguments change, which CREATE OR REPLACE does not do; sql/functions makes them anew.
SET LOCAL ROLE ark_system;
DROP FUNCTION IF EXISTS provisioning.report_samples(text, bigint, jsonb);
DROP FUNCTION IF EXISTS finops.ingest_usage(jsonb);

SET LOCAL ROLE ark_owner;
ALTER TABLE finops.usage_queries ADD COLUMN patience interval NOT NULL DEFAULT '1 day',
    ADD CONSTRAINT patience_is_not_negative CHECK (patience >= interval '0');
COMMENT ON COLUMN finops.usage_queries.patience IS 'How old a time must be for an answer with warnings, which may lack something, to be the last word on it. Until then it is asked for again.';
