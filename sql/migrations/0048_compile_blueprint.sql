SET LOCAL ROLE ark_owner;

-- At each claim it had to be put together anew, which was half of what a claim costs.
CREATE TABLE provisioning.templates (
    plan      text NOT NULL REFERENCES provisioning.plans (plan) ON DELETE CASCADE,
    kind      text NOT NULL REFERENCES provisioning.kinds (kind) ON DELETE CASCADE,
    status    text NOT NULL,
    steps     text NOT NULL,
    variables text[] NOT NULL,
    PRIMARY KEY (plan, kind, status)
);
COMMENT ON TABLE provisioning.templates IS 'What provisioning.render fills in for a job: provisioning.blueprint, put together whenever it changes. To be changed there only.';
COMMENT ON COLUMN provisioning.templates.plan IS 'The plan.';
COMMENT ON COLUMN provisioning.templates.kind IS 'The kind of job whose steps they are.';
COMMENT ON COLUMN provisioning.templates.status IS 'The state of the organisation.';
COMMENT ON COLUMN provisioning.templates.steps IS 'The steps, a JSON text with a place for each variable, as format() takes it: %1$s is the first one.';
COMMENT ON COLUMN provisioning.templates.variables IS 'The names of the variables, in the order of their numbers; json:name stands for a value that is no string.';
GRANT SELECT, INSERT, DELETE ON provisioning.templates TO ark_system;
