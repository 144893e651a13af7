SET LOCAL ROLE ark_owner;

CREATE TABLE config.pods (
    service       text NOT NULL,
    pod           text NOT NULL,
    login         name NOT NULL,
    state         text NOT NULL,
    epoch         bigint NOT NULL,
    seq           bigint NOT NULL,
    reloads       bigint NOT NULL,
    reload_ms_sum double precision NOT NULL,
    reload_ms_max double precision NOT NULL,
    reported_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (service, pod),
    CONSTRAINT pod_is_a_name CHECK (length(pod) BETWEEN 1 AND 253 AND pod !~ '[[:cntrl:]]'),
    CONSTRAINT state_is_known CHECK (state IN ('READY', 'STALE', 'ERROR')),
    CONSTRAINT figures_are_not_negative CHECK (reloads >= 0 AND reload_ms_sum >= 0 AND reload_ms_max >= 0)
);
COMMENT ON TABLE config.pods IS 'What each pod of a platform service says that it has applied.';
COMMENT ON COLUMN config.pods.service IS 'The service.';
COMMENT ON COLUMN config.pods.pod IS 'The pod''s name.';
COMMENT ON COLUMN config.pods.login IS 'The database login that reported it.';
COMMENT ON COLUMN config.pods.state IS 'READY; STALE: cut off, serves the last known good values; ERROR: has none.';
COMMENT ON COLUMN config.pods.epoch IS 'The epoch of what it holds.';
COMMENT ON COLUMN config.pods.seq IS 'The last announcement of its service that it has applied.';
COMMENT ON COLUMN config.pods.reloads IS 'Changes applied since it started.';
COMMENT ON COLUMN config.pods.reload_ms_sum IS 'Milliseconds from change to memory, summed over these.';
COMMENT ON COLUMN config.pods.reload_ms_max IS 'The longest of these.';
COMMENT ON COLUMN config.pods.reported_at IS 'When it reported last.';
GRANT SELECT, INSERT, UPDATE, DELETE ON config.pods TO ark_system;
ALTER TABLE config.pods ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
