SET LOCAL ROLE ark_system;

-- Transaction ids mean something only within one history of one database. What may change while a
-- server runs, or when it starts: the database and the table (a restore into the same cluster changes
-- them), a nonce that a crash or a promotion empties (ids of lost transactions are given out again), and
-- when the server was started (files that were copied while it was down, and put back, have everything
-- else as it was). config.database_identity() adds what does not change meanwhile.
--
-- A view, and no function: it becomes part of the statement that every read of every pod is. For that
-- nothing in it may be volatile.
CREATE OR REPLACE VIEW config.current_history WITH (security_invoker = true) AS
SELECT concat_ws('/',
    -- The database's folder, named by its oid; the file in it changes with VACUUM FULL.
    substring(pg_relation_filepath('config.boot'::regclass) FROM '^(.*)/'),
    'config.service_configs'::regclass::oid,
    coalesce((SELECT b.nonce FROM config.boot AS b LIMIT 1)::text, 'crashed'),
    -- As a number: text would depend on the session's time zone.
    extract(epoch FROM pg_postmaster_start_time())) AS mark;
COMMENT ON VIEW config.current_history IS
    'One row, which names this history of this database, as long as its server runs as a primary.';
COMMENT ON COLUMN config.current_history.mark IS 'The database''s folder, the table''s oid, boot nonce, start of the server.';
REVOKE ALL ON config.current_history FROM PUBLIC;
