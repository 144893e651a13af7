SET LOCAL ROLE ark_owner;

CREATE TABLE config.feed (
    only_row    boolean PRIMARY KEY DEFAULT true,
    epoch       bigint NOT NULL DEFAULT 0,
    incarnation bigint NOT NULL DEFAULT 0,
    snapshot    pg_snapshot NOT NULL DEFAULT '3:3:',
    leader      text,
    lease_until timestamptz,
    identity    text,
    advanced_at timestamptz,
    CONSTRAINT one_row CHECK (only_row),
    CONSTRAINT leader_has_a_lease CHECK ((leader IS NULL) = (lease_until IS NULL))
);
INSERT INTO config.feed DEFAULT VALUES;
COMMENT ON TABLE config.feed IS 'The durable cursor of the feed from service_configs to Redis, and who leads it. One row.';
COMMENT ON COLUMN config.feed.only_row IS 'Keeps it at one row.';
COMMENT ON COLUMN config.feed.epoch IS 'Rises when the database is not the one the cursor knew. Versions compare within an epoch only.';
COMMENT ON COLUMN config.feed.incarnation IS 'Rises with every leader; fences the cursor.';
COMMENT ON COLUMN config.feed.snapshot IS 'Everything visible in this snapshot was published. 3:3: is nothing: 3 is the first normal transaction id.';
COMMENT ON COLUMN config.feed.leader IS 'The bridge that leads.';
COMMENT ON COLUMN config.feed.lease_until IS 'When another bridge may take over.';
COMMENT ON COLUMN config.feed.identity IS 'The database that the cursor belongs to, as config.database_identity() tells it.';
COMMENT ON COLUMN config.feed.advanced_at IS 'When the cursor moved last.';

CREATE TABLE config.feed_services (
    service text PRIMARY KEY,
    seq     bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE config.feed_services IS 'How many announcements each service has had. Per service, so that a subscriber of one sees no false gap.';
COMMENT ON COLUMN config.feed_services.service IS 'The service.';
COMMENT ON COLUMN config.feed_services.seq IS 'Number of its last announcement.';
INSERT INTO config.feed_services (service) SELECT DISTINCT service FROM config.key_schema;

-- Emptied by a crash and by a promotion, which nothing else in the database shows to its sessions.
CREATE UNLOGGED TABLE config.boot (
    nonce uuid NOT NULL
);
COMMENT ON TABLE config.boot IS 'Unlogged, so a crash, a promotion or a base backup empties it: then transaction ids cannot be trusted to continue.';
COMMENT ON COLUMN config.boot.nonce IS 'Random, written by the bridge that found the table empty.';

CREATE TABLE config.subscriptions (
    login   name NOT NULL,
    service text NOT NULL,
    org_id  bigint REFERENCES core.organizations,
    CONSTRAINT service_is_a_name CHECK (service ~ '^[a-z][a-z0-9_-]{0,62}$'),
    CONSTRAINT subscription_is_unique UNIQUE NULLS NOT DISTINCT (login, service, org_id)
);
COMMENT ON TABLE config.subscriptions IS 'Which login may load which service''s configuration.';
COMMENT ON COLUMN config.subscriptions.login IS 'The pod''s database login.';
COMMENT ON COLUMN config.subscriptions.service IS 'The service.';
COMMENT ON COLUMN config.subscriptions.org_id IS 'One organisation, or NULL for all of them.';

GRANT SELECT, UPDATE ON config.feed TO ark_system;
GRANT SELECT, INSERT, UPDATE ON config.feed_services TO ark_system;
GRANT SELECT, INSERT, DELETE ON config.boot TO ark_system;
GRANT SELECT, INSERT, DELETE ON config.subscriptions TO ark_system;
ALTER TABLE config.subscriptions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
