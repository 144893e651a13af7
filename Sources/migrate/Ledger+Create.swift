internal import Postgres

extension Ledger {
  /// Makes the ledger, or brings that of an earlier version up to this one. In one transaction.
  static func create(_ connection: PostgresConnection) async throws {
    let state = try await LedgerState.read(connection)
    try state.check()
    guard !state.isCurrent else { return }
    let script = state.exists ? upgrade : (state.hasSchema ? "" : "CREATE SCHEMA migrate;") + first
    try await connection.execute(script + common)
  }

  private static let first = """
    CREATE TABLE migrate.ledger (
        entry_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        version      bigint,
        path         pg_catalog.text NOT NULL,
        hash         pg_catalog.text NOT NULL,
        raw_hash     pg_catalog.text NOT NULL,
        applied_as   pg_catalog.name NOT NULL DEFAULT current_user,
        login        pg_catalog.name NOT NULL DEFAULT session_user,
        client       pg_catalog.inet DEFAULT pg_catalog.inet_client_addr(),
        tool_version pg_catalog.text NOT NULL,
        started_at   pg_catalog.timestamptz NOT NULL,
        milliseconds numeric(14, 3) NOT NULL
    );
    """

  /// From the first version, which knew applied files only.
  private static let upgrade = """
    ALTER TABLE migrate.ledger
        ALTER COLUMN version TYPE bigint,
        DROP CONSTRAINT ledger_version_key;
    """

  private static let events = LedgerEvent.allCases.map { "'\($0.rawValue)'" }.joined(
    separator: ", ")

  private static let common = """
    ALTER TABLE migrate.ledger
        ADD COLUMN event      pg_catalog.text NOT NULL DEFAULT 'applied'
            CONSTRAINT event_is_known CHECK (event OPERATOR(pg_catalog.=) ANY (ARRAY[\(events)])),
        ADD COLUMN code_hash  pg_catalog.text,
        ADD COLUMN statement  integer,
        ADD COLUMN statements integer,
        ADD COLUMN error      pg_catalog.text,
        ADD COLUMN sqlstate   pg_catalog.text,
        ADD COLUMN reason     pg_catalog.text,
        ADD COLUMN host       pg_catalog.text;
    CREATE UNIQUE INDEX ledger_applied_once ON migrate.ledger (version)
        WHERE event OPERATOR(pg_catalog.=) ANY (ARRAY['applied', 'baselined']);
    CREATE TABLE migrate.objects (
        entry_id bigint NOT NULL,
        type     pg_catalog.text NOT NULL,
        identity pg_catalog.text NOT NULL,
        PRIMARY KEY (entry_id, type, identity)
    );
    COMMENT ON SCHEMA migrate IS 'The tool migrate: what it has applied.';
    COMMENT ON TABLE migrate.ledger IS 'What befell the files, one row per event. Append-only.';
    COMMENT ON COLUMN migrate.ledger.entry_id IS 'Order of the events.';
    COMMENT ON COLUMN migrate.ledger.version IS 'Number of a versioned file; NULL for a repeatable one.';
    COMMENT ON COLUMN migrate.ledger.path IS 'The file, below the SQL folder.';
    COMMENT ON COLUMN migrate.ledger.hash IS 'SHA-256 of the text without regard to line ends and trailing white space.';
    COMMENT ON COLUMN migrate.ledger.raw_hash IS 'SHA-256 of the bytes.';
    COMMENT ON COLUMN migrate.ledger.applied_as IS 'Role that recorded it.';
    COMMENT ON COLUMN migrate.ledger.login IS 'Login that ran the tool.';
    COMMENT ON COLUMN migrate.ledger.client IS 'Address that the tool came from; NULL: over a socket.';
    COMMENT ON COLUMN migrate.ledger.tool_version IS 'Version of the tool.';
    COMMENT ON COLUMN migrate.ledger.started_at IS 'When the file, or this part of it, began.';
    COMMENT ON COLUMN migrate.ledger.milliseconds IS 'How long it took, without its commit.';
    COMMENT ON COLUMN migrate.ledger.event IS 'applied, baselined, repaired, pruned; started, progressed, failed, resumed: of a file without a transaction.';
    COMMENT ON COLUMN migrate.ledger.code_hash IS 'SHA-256 of the text without comments and white space; of progressed: of the statements that are done.';
    COMMENT ON COLUMN migrate.ledger.statement IS 'How many statements of a file without a transaction are done.';
    COMMENT ON COLUMN migrate.ledger.statements IS 'How many it has.';
    COMMENT ON COLUMN migrate.ledger.error IS 'Why the next statement was refused.';
    COMMENT ON COLUMN migrate.ledger.sqlstate IS 'SQLSTATE of that.';
    COMMENT ON COLUMN migrate.ledger.reason IS 'Why somebody said so.';
    COMMENT ON COLUMN migrate.ledger.host IS 'Name of the machine that the tool ran on.';
    COMMENT ON TABLE migrate.objects IS 'Which functions, views, triggers and policies a repeatable file has made. Append-only.';
    COMMENT ON COLUMN migrate.objects.entry_id IS 'The application of the file: a row of migrate.ledger.';
    COMMENT ON COLUMN migrate.objects.type IS 'As DROP names it, like function.';
    COMMENT ON COLUMN migrate.objects.identity IS 'As DROP takes it, like public.f(integer).';
    CREATE OR REPLACE FUNCTION migrate.tg_ledger__append_only() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RAISE EXCEPTION 'migrate.% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '42501';
    END
    $$;
    CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON migrate.ledger
        FOR EACH STATEMENT EXECUTE FUNCTION migrate.tg_ledger__append_only();
    ALTER TABLE migrate.ledger ENABLE ALWAYS TRIGGER append_only;
    CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON migrate.objects
        FOR EACH STATEMENT EXECUTE FUNCTION migrate.tg_ledger__append_only();
    ALTER TABLE migrate.objects ENABLE ALWAYS TRIGGER append_only;
    REVOKE EXECUTE ON FUNCTION migrate.tg_ledger__append_only() FROM PUBLIC;
    """
}
