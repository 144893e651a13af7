SET LOCAL ROLE ark_owner;

CREATE TABLE finops.quota_changes (
    org_id       bigint NOT NULL REFERENCES core.organizations,
    change_id    bigint GENERATED ALWAYS AS IDENTITY,
    cpu          text NOT NULL,
    memory       text NOT NULL,
    storage      text NOT NULL,
    effective_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason       text NOT NULL,
    actor        text NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, change_id)
);
COMMENT ON TABLE finops.quota_changes IS 'Every quota an organisation ever had. Append-only; billing reads effective_at.';
COMMENT ON COLUMN finops.quota_changes.org_id IS 'The organisation.';
COMMENT ON COLUMN finops.quota_changes.change_id IS 'Order of recording.';
COMMENT ON COLUMN finops.quota_changes.cpu IS 'Kubernetes quantity: cores.';
COMMENT ON COLUMN finops.quota_changes.memory IS 'Kubernetes quantity: memory.';
COMMENT ON COLUMN finops.quota_changes.storage IS 'Kubernetes quantity: storage.';
COMMENT ON COLUMN finops.quota_changes.effective_at IS 'From when it holds, and is billed.';
COMMENT ON COLUMN finops.quota_changes.reason IS 'Why.';
COMMENT ON COLUMN finops.quota_changes.actor IS 'Who.';
COMMENT ON COLUMN finops.quota_changes.recorded_at IS 'When it was recorded.';

ALTER TABLE finops.quota_changes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON finops.quota_changes TO ark_system;
GRANT SELECT ON finops.quota_changes TO ark_app, ark_app_ro, ark_dba;
