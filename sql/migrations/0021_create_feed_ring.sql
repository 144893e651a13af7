SET LOCAL ROLE ark_owner;

CREATE TABLE config.feed_ring (
    taken_at timestamptz PRIMARY KEY DEFAULT clock_timestamp(),
    snapshot pg_snapshot NOT NULL
);
COMMENT ON TABLE config.feed_ring IS 'Where the cursor of the feed was, every five seconds of the last two minutes: what was announced since is announced again to a Redis that may have lost it.';
COMMENT ON COLUMN config.feed_ring.taken_at IS 'When.';
COMMENT ON COLUMN config.feed_ring.snapshot IS 'The cursor at that time.';
GRANT SELECT, INSERT, DELETE ON config.feed_ring TO ark_system;
