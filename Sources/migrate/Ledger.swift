internal import Postgres

/// `migrate.ledger`: what was applied, when, by whom. Rows are only ever added.
struct Ledger: Sendable, Equatable {
  /// The hash that a versioned file was applied with, by number.
  var versioned: [Int: Entry] = [:]
  /// The hash that a repeatable file was applied with last, by path.
  var repeatable: [String: String] = [:]

  struct Entry: Sendable, Equatable {
    var path: String
    var hash: String
  }

  /// Reads the ledger; an empty one if there is none yet.
  static func read(_ connection: PostgresConnection) async throws -> Ledger {
    var ledger = Ledger()
    let table = try await connection.query(
      "SELECT pg_catalog.to_regclass('migrate.ledger') IS NOT NULL AS exists")
    guard table[0]["exists"] == "t" else { return ledger }
    let rows = try await connection.query(
      "SELECT version, path, hash FROM migrate.ledger ORDER BY entry_id")
    for row in rows {
      let path = try row.decode("path", as: String.self)
      let hash = try row.decode("hash", as: String.self)
      if let version = try row.decode("version", as: Int?.self) {
        ledger.versioned[version] = Entry(path: path, hash: hash)
      } else {
        ledger.repeatable[path] = hash
      }
    }
    return ledger
  }

  /// Makes the ledger, if there is none.
  static func create(_ connection: PostgresConnection) async throws {
    try await connection.execute(
      """
      CREATE SCHEMA IF NOT EXISTS migrate;
      CREATE TABLE IF NOT EXISTS migrate.ledger (
          entry_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          version      integer UNIQUE,
          path         text NOT NULL,
          hash         text NOT NULL,
          raw_hash     text NOT NULL,
          applied_as   name NOT NULL DEFAULT current_user,
          login        name NOT NULL DEFAULT session_user,
          client       inet DEFAULT inet_client_addr(),
          tool_version text NOT NULL,
          started_at   timestamptz NOT NULL,
          milliseconds numeric(14, 3) NOT NULL
      );
      COMMENT ON SCHEMA migrate IS 'The tool migrate: what it has applied.';
      COMMENT ON TABLE migrate.ledger IS 'One row per application of a file. Append-only.';
      COMMENT ON COLUMN migrate.ledger.entry_id IS 'Order of application.';
      COMMENT ON COLUMN migrate.ledger.version IS 'Number of a versioned file; NULL for a repeatable one.';
      COMMENT ON COLUMN migrate.ledger.path IS 'The file, below the SQL folder.';
      COMMENT ON COLUMN migrate.ledger.hash IS 'SHA-256 of the text without regard to line ends and trailing white space.';
      COMMENT ON COLUMN migrate.ledger.raw_hash IS 'SHA-256 of the bytes.';
      COMMENT ON COLUMN migrate.ledger.applied_as IS 'Role that recorded it.';
      COMMENT ON COLUMN migrate.ledger.login IS 'Login that ran the tool.';
      COMMENT ON COLUMN migrate.ledger.client IS 'Where the tool ran; NULL: over a socket.';
      COMMENT ON COLUMN migrate.ledger.tool_version IS 'Version of the tool.';
      COMMENT ON COLUMN migrate.ledger.started_at IS 'When the file began.';
      COMMENT ON COLUMN migrate.ledger.milliseconds IS 'How long it took, without its commit.';
      CREATE OR REPLACE FUNCTION migrate.tg_ledger__append_only() RETURNS trigger
      LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
      AS $$
      BEGIN
          RAISE EXCEPTION 'migrate.ledger is append-only: % is refused', TG_OP USING ERRCODE = '42501';
      END
      $$;
      CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON migrate.ledger
          FOR EACH STATEMENT EXECUTE FUNCTION migrate.tg_ledger__append_only();
      ALTER TABLE migrate.ledger ENABLE ALWAYS TRIGGER append_only;
      REVOKE EXECUTE ON FUNCTION migrate.tg_ledger__append_only() FROM PUBLIC;
      """)
  }

  /// Records a file, in the transaction that has applied it.
  static func record(
    _ file: MigrationFile, milliseconds: Double, _ connection: PostgresConnection
  ) async throws {
    var version: Int64?
    if case .versioned(let number) = file.kind { version = Int64(number) }
    try await connection.query(
      "INSERT INTO migrate.ledger (version, path, hash, raw_hash, tool_version, started_at, milliseconds)"
        + " VALUES ($1, $2, $3, $4, $5, clock_timestamp() - $6 * interval '1 ms', $6)",
      [
        .int(version), .text(file.path), .text(file.hash), .text(file.rawHash),
        .text(Migrate.toolVersion), .text(String(milliseconds)),
      ])
  }
}
