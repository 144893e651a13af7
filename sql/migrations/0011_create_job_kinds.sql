SET LOCAL ROLE ark_owner;

-- What can happen to an organisation after its creation.
CREATE TABLE provisioning.kinds (
    kind        text PRIMARY KEY,
    served      boolean NOT NULL,
    description text NOT NULL
);
COMMENT ON TABLE provisioning.kinds IS 'The kinds of jobs.';
COMMENT ON COLUMN provisioning.kinds.kind IS 'Name of the kind.';
COMMENT ON COLUMN provisioning.kinds.served IS 'Whether claim hands such jobs out; else they wait in the queue.';
COMMENT ON COLUMN provisioning.kinds.description IS 'One line for people.';
INSERT INTO provisioning.kinds (kind, served, description) VALUES
    ('create',  true,  'Make the namespace, isolate it, open it.'),
    ('quota',   false, 'Bring the namespace''s ResourceQuota to the quota in effect.'),
    ('members', false, 'Bring the namespace''s RoleBindings to the memberships.'),
    ('suspend', false, 'Close the namespace for new pods and stop those that run.'),
    ('resume',  false, 'Open a suspended namespace again.'),
    ('delete',  false, 'Delete the namespace with all that is in it.');
GRANT SELECT ON provisioning.kinds TO ark_system;

ALTER TABLE provisioning.jobs DROP CONSTRAINT kind_is_known;
ALTER TABLE provisioning.jobs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE provisioning.jobs ADD CONSTRAINT kind_is_known FOREIGN KEY (kind) REFERENCES provisioning.kinds;
ALTER TABLE provisioning.jobs FORCE ROW LEVEL SECURITY;

ALTER TABLE core.organizations DROP CONSTRAINT status_is_known;
ALTER TABLE core.organizations ADD CONSTRAINT status_is_known
    CHECK (status IN ('PENDING', 'COMMITTED', 'SUSPENDED', 'DELETING', 'DELETED', 'FAILED'));
COMMENT ON COLUMN core.organizations.status IS
    'PENDING, then COMMITTED (namespace isolated and open) or FAILED (undone); SUSPENDED and back; DELETING, then DELETED (namespace gone).';
DROP INDEX core.organizations_slug_in_use;
CREATE UNIQUE INDEX organizations_slug_in_use ON core.organizations (slug) WHERE status NOT IN ('FAILED', 'DELETED');
COMMENT ON INDEX core.organizations_slug_in_use IS 'A slug is free again when its namespace is gone.';

CREATE TABLE core.organization_events (
    org_id      bigint NOT NULL REFERENCES core.organizations,
    event_id    bigint GENERATED ALWAYS AS IDENTITY,
    what        text NOT NULL,
    detail      jsonb NOT NULL DEFAULT '{}',
    actor       text NOT NULL,
    login       name NOT NULL,
    reason      text NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, event_id),
    CONSTRAINT what_is_known CHECK (what IN ('status', 'member', 'job'))
);
COMMENT ON TABLE core.organization_events IS 'Who did what to an organisation beside its configuration and quotas: states, members, interventions in its jobs. Append-only.';
COMMENT ON COLUMN core.organization_events.org_id IS 'The organisation.';
COMMENT ON COLUMN core.organization_events.event_id IS 'Order of recording.';
COMMENT ON COLUMN core.organization_events.what IS 'status, member or job.';
COMMENT ON COLUMN core.organization_events.detail IS 'What changed: old and new.';
COMMENT ON COLUMN core.organization_events.actor IS 'Who, as core.actor() tells.';
COMMENT ON COLUMN core.organization_events.login IS 'The database login, which nobody can claim.';
COMMENT ON COLUMN core.organization_events.reason IS 'Why.';
COMMENT ON COLUMN core.organization_events.occurred_at IS 'When.';
GRANT SELECT, INSERT ON core.organization_events TO ark_system;
GRANT SELECT ON core.organization_events TO ark_app, ark_app_strict, ark_app_ro, ark_dba;
ALTER TABLE core.organization_events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- What the ResourceQuota counts as used, as the provisioner has seen it last.
CREATE TABLE finops.quota_usage (
    org_id      bigint PRIMARY KEY REFERENCES core.organizations,
    cpu         text NOT NULL,
    memory      text NOT NULL,
    storage     text NOT NULL,
    observed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE finops.quota_usage IS 'What is in use of a quota, as last seen in Kubernetes. No row: not known.';
COMMENT ON COLUMN finops.quota_usage.org_id IS 'The organisation.';
COMMENT ON COLUMN finops.quota_usage.cpu IS 'Kubernetes quantity: cores that its pods may use.';
COMMENT ON COLUMN finops.quota_usage.memory IS 'Kubernetes quantity: memory that its pods may use.';
COMMENT ON COLUMN finops.quota_usage.storage IS 'Kubernetes quantity: storage of all volume claims.';
COMMENT ON COLUMN finops.quota_usage.observed_at IS 'When it was seen.';
GRANT SELECT, INSERT, UPDATE ON finops.quota_usage TO ark_system;
GRANT SELECT ON finops.quota_usage TO ark_app, ark_app_strict, ark_app_ro, ark_dba;
ALTER TABLE finops.quota_usage ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- Quantities are checked by finops.quantity; the mirror takes what that takes.
UPDATE config.key_schema SET pattern = NULL WHERE service = 'quota';
