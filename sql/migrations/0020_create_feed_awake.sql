SET LOCAL ROLE ark_owner;

-- A sequence, not a row: its value is the current one in every transaction, under REPEATABLE READ, too,
-- and writing it leaves no dead row behind. Unlogged: asleep after a crash, where nobody polls.
CREATE UNLOGGED SEQUENCE config.feed_awake MINVALUE 0 MAXVALUE 1 START 0;
COMMENT ON SEQUENCE config.feed_awake IS 'last_value 1: the bridge reads the feed every few milliseconds, nobody has to wake it. 0: it waits for NOTIFY config_feed.';
GRANT SELECT, UPDATE ON SEQUENCE config.feed_awake TO ark_system;
