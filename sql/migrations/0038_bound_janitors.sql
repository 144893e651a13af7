SET LOCAL ROLE ark_owner;

-- What is forgotten a batch at a time: how much a batch is. One that was full is due again at once, so that
-- a janitor catches up whatever has piled up.
ALTER TABLE provisioning.maintenance ADD COLUMN batch integer
    CONSTRAINT batch_is_positive CHECK (batch > 0);
COMMENT ON COLUMN provisioning.maintenance.batch IS 'How many rows it does in one go; when there were as many, it is due again at once. NULL: all there are.';
UPDATE provisioning.maintenance AS m SET batch = b.batch
FROM (VALUES ('forget-usage', 10000), ('forget-tokens', 10000), ('forget-sessions', 1000), ('forget-jobs', 1000)) AS b (task, batch)
WHERE m.task = b.task;

-- Evaluations go with their flag.
GRANT DELETE ON config.flag_evaluations TO ark_system;
COMMENT ON TABLE config.flag_evaluations IS 'How often a flag was evaluated to which variant, as pods and applications report it in batches. All organisations together. Goes with the flag.';
