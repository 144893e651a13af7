SET LOCAL ROLE ark_owner;

CREATE TABLE provisioning.maintenance (
    task        text PRIMARY KEY,
    period      interval NOT NULL,
    next_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    milliseconds numeric(12, 3),
    result      text,
    error       text,
    description text NOT NULL,
    CONSTRAINT period_is_positive CHECK (period > interval '0')
);
COMMENT ON TABLE provisioning.maintenance IS 'Timed work, which a provisioner has done by provisioning.maintain().';
COMMENT ON COLUMN provisioning.maintenance.task IS 'Name of the task.';
COMMENT ON COLUMN provisioning.maintenance.period IS 'How often.';
COMMENT ON COLUMN provisioning.maintenance.next_at IS 'Not before.';
COMMENT ON COLUMN provisioning.maintenance.finished_at IS 'When it was done last, well or not.';
COMMENT ON COLUMN provisioning.maintenance.milliseconds IS 'How long that took.';
COMMENT ON COLUMN provisioning.maintenance.result IS 'What the last one that went well came to.';
COMMENT ON COLUMN provisioning.maintenance.error IS 'Why the last one failed; NULL if it went well.';
COMMENT ON COLUMN provisioning.maintenance.description IS 'One line for people.';
INSERT INTO provisioning.maintenance (task, period, description) VALUES
    ('make-partitions', '1 hour', 'Makes the history''s partitions of the months ahead.'),
    ('seal-history', '10 s', 'Links new rows of the history into the hash chains.');
GRANT SELECT, UPDATE ON provisioning.maintenance TO ark_system;
