internal import Postgres
internal import TestSupport
internal import Testing

/// A file that releases the lock that lets one runner work at a time.
@Suite(.timeLimit(.minutes(3))) struct LockReleaseTests {
  private static let path = "migrations/0002_create_b.sql"

  private func up(
    _ text: String, then check: (PostgresConnection, SQLFolder, TestDatabase) async throws -> Void
  ) async throws -> Tool.Result {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);", Self.path: text,
    ])
    return try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      let connection = try await database.connect()
      try await check(connection, folder, database)
      await connection.close()
      return result
    }
  }

  @Test(arguments: ["", "-- migrate: no-transaction\n"])
  func discardAllIsRefusedBeforeAnythingRuns(header: String) async throws {
    let result = try await up(header + "CREATE TABLE b (n int);\nDISCARD ALL;\n") {
      (connection, _, _) async throws in
      #expect(try await connection.value("SELECT to_regclass('a')") == nil)
    }
    #expect(result.status == 1)
    #expect(
      result.error.contains(
        "DISCARD ALL has no place here: it releases the lock that lets one runner work at a time"),
      "\(result.error)")
  }

  @Test func aTransactionThatReleasesItIsRolledBack() async throws {
    let result = try await up("CREATE TABLE b (n int);\nSELECT pg_advisory_unlock_all();\n") {
      (connection, _, _) async throws in
      #expect(try await connection.value("SELECT to_regclass('b')") == nil)
      #expect(try await connection.value("SELECT max(version) FROM migrate.ledger") == "1")
    }
    #expect(result.status == 1)
    #expect(
      result.error == """
        migrate: error: \(Self.path) has released the lock that lets one runner work at a time
        NOW: \(Self.path) rolled back; 1 file before it stays applied.
        HINT: leave out pg_advisory_unlock_all(), or what calls it: it releases every lock.

        """)
  }

  /// What runs by itself cannot be taken back; its statement is among those that are done.
  @Test(arguments: [
    ("SELECT pg_advisory_unlock_all();", 1),
    ("DO $$ BEGIN PERFORM pg_advisory_unlock_all(); END $$;", 2),
  ])
  func aStatementThatReleasesItIsTheLast(statement: String, done: Int) async throws {
    let result = try await up(
      "-- migrate: no-transaction\nCREATE TABLE b (n int);\n\(statement)\nCREATE TABLE c (n int);\n"
    ) { (connection, folder, database) async throws in
      #expect(try await connection.value("SELECT to_regclass('b')") == "b")
      #expect(try await connection.value("SELECT to_regclass('c')") == nil)
      let status = try await folder.migrate("status", database, "--check")
      #expect(status.status == 10)
      let released = "\(Self.path) has released the lock that lets one runner work at a time"
      #expect(
        status.error.hasPrefix(
          done == 2
            ? """
            NOW: 2 of 3 statements are done; the run ended behind statement 2: \(released).
            AT: \(Self.path):3:1: \(statement)
            NEXT: migrate resume

            """
            : """
            NOW: 1 of 3 statements are done; statement 2 was refused: \(released).
            AT: \(Self.path):3:1: \(statement)
            NEXT: mend statement 2 of \(Self.path), then: migrate resume

            """), "\(status.error)")
      if done == 1 {
        try folder.write(
          Self.path,
          "-- migrate: no-transaction\nCREATE TABLE b (n int);\nCREATE TABLE c (n int);\n")
      }
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(try await connection.value("SELECT to_regclass('c')") == "c")
      #expect(try await folder.migrate("status", database, "--check").status == 0)
    }
    #expect(result.status == 10)
    #expect(
      result.error == """
        migrate: error: \(Self.path) has released the lock that lets one runner work at a time
        NOW: \(Self.path) is applied in part: \(done) of 3 statements are done.
        HINT: \(done == 1 ? "leave out pg_advisory_unlock_all(), or what calls it: it releases every lock; then migrate resume." : "migrate resume goes on with statement 3.\nHINT: for other databases, leave out pg_advisory_unlock_all(), or what calls it: it releases every lock.")

        """)
  }

  /// Nothing of the file is there: it is no partial one.
  @Test func aFirstStatementThatReleasesItIsNothing() async throws {
    let result = try await up("-- migrate: no-transaction\nSELECT pg_advisory_unlock_all();\n") {
      (_, _, _) async throws in
    }
    #expect(result.status == 1)
    #expect(result.error.contains("0 of 1 statements are done.\n"), "\(result.error)")
  }

  /// Then the row would be between those of the other one.
  @Test func nothingIsWrittenDownWhileAnotherRunnerHasTheLock() async throws {
    let folder = try SQLFolder([
      Self.path: """
      -- migrate: no-transaction
      -- migrate: lock_timeout=60s
      CREATE TABLE b (n int);
      DO $$ BEGIN PERFORM pg_advisory_unlock_all(); PERFORM pg_advisory_xact_lock(1); END $$;
      CREATE TABLE c (n int);
      """
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.query("SELECT pg_advisory_lock(1)")
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await eventually("\(process.log)") {
        try await connection.value(
          "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ) == "1"
      }
      let other = try await database.connect()
      #expect(
        try await other.value("SELECT pg_try_advisory_lock(x'6d696772617465'::bigint)") == "t")
      try await connection.query("SELECT pg_advisory_unlock(1)")
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 10)
      #expect(
        process.log.hasSuffix(
          """
          NOW: \(Self.path) is applied in part: 1 of 3 statements are done; so is statement 2, but that could not be recorded.
          HINT: migrate resume carries statement 2 out once more; migrate resume --skip --reason '…' takes it for done.
          HINT: for other databases, leave out pg_advisory_unlock_all(), or what calls it: it releases every lock.

          """), "\(process.log)")
      #expect(
        try await connection.value(
          "SELECT string_agg(event, ' ' ORDER BY entry_id) FROM migrate.ledger")
          == "started progressed")
      await other.close()
      let skipped = try await folder.migrate("resume", database, "--skip", "--reason", "it is done")
      #expect(skipped.status == 0, "\(skipped.error)")
      #expect(try await connection.value("SELECT to_regclass('c')") == "c")
      await connection.close()
    }
  }
}
