internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// `CREATE INDEX CONCURRENTLY` beside others: writers, another builder, a signal, and what is shown meanwhile.
@Suite(.timeLimit(.minutes(3))) struct IndexProgressTests {
  private static let path = "migrations/0002_index_a.sql"
  private static let build =
    "-- migrate: no-transaction, lock_timeout=100ms\nCREATE UNIQUE INDEX CONCURRENTLY a_n ON a (n);\n"

  /// A table and a partitioned one, and a session that writes to both and does not commit.
  private func withWriter(
    _ text: String,
    _ body: (SQLFolder, TestDatabase, _ writer: PostgresConnection, PostgresConnection) async throws
      -> Void
  ) async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": """
      CREATE TABLE a (n int);
      CREATE INDEX old ON a (n);
      CREATE TABLE p (n int) PARTITION BY LIST (n);
      CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
      """
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write(Self.path, text)
      let writer = try await database.connect()
      let connection = try await database.connect()
      try await writer.execute("BEGIN; INSERT INTO a VALUES (1); INSERT INTO p VALUES (1)")
      try await body(folder, database, writer, connection)
      await writer.close()
      await connection.close()
    }
  }

  private func isValid(_ connection: PostgresConnection) async throws -> String? {
    try await connection.value(
      "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('a_n')")
  }

  /// A build that gave up would have to begin anew; and it blocks nobody meanwhile.
  @Test(arguments: [
    build, "-- migrate: no-transaction, lock_timeout=100ms\nDROP INDEX CONCURRENTLY old;\n",
    "-- migrate: no-transaction, lock_timeout=100ms\nREINDEX TABLE CONCURRENTLY a;\n",
    "-- migrate: no-transaction, lock_timeout=100ms\nALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;\n",
  ])
  func concurrentStatementsWaitAsLongAsItTakes(text: String) async throws {
    try await withWriter(text) { (folder, database, writer, connection) async throws in
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await eventually("\(process.log)") {
        try await connection.value(
          """
          SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = 'migrate' AND wait_event_type = 'Lock'
            AND clock_timestamp() - query_start > '500 ms'
          """) == "1"
      }
      if text == Self.build {
        try await process.waitForLine("\(Self.path):2  a_n: waiting for writers before build")
      }
      try await writer.query("COMMIT")
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 0, "\(process.log)")
    }
  }

  /// Returns when the build has begun, and is held up by the writer.
  private func waitForWriters(
    _ process: DaemonProcess, _ connection: PostgresConnection
  ) async throws {
    try await eventually("\(process.log)") {
      try await connection.value(
        "SELECT phase FROM pg_stat_progress_create_index WHERE datname = current_database()")
        == "waiting for writers before build"
    }
  }

  @Test func aBuildThatAnotherSessionCancelsIsNamedAndBuiltAnew() async throws {
    try await withWriter(Self.build) { (folder, database, writer, connection) async throws in
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await waitForWriters(process, connection)
      try await connection.query(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_progress_create_index WHERE datname = current_database()"
      )
      try await eventually("\(process.log)") { !process.isRunning }
      #expect(process.exitStatus == 10)
      #expect(process.log.contains("\nSQLSTATE: 57014\n"), "\(process.log)")
      #expect(
        process.log.hasSuffix(
          """
          NOW: \(Self.path) is applied in part: 0 of 1 statements are done.
          The index a_n is left INVALID: no query uses it, every write pays for it. migrate resume builds it anew.
          Mend it, and go on with statement 1: migrate resume

          """), "\(process.log)")
      #expect(try await isValid(connection) == "f")
      try await writer.query("COMMIT")
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(try await isValid(connection) == "t")
    }
  }

  @Test func aBuildThatWasInterruptedIsNamedAndBuiltAnew() async throws {
    try await withWriter(Self.build) { (folder, database, writer, connection) async throws in
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await waitForWriters(process, connection)
      #expect(try await process.stop(SIGINT) == 130)
      #expect(
        process.log.hasSuffix(
          """
          migrate: error: stopped by a signal
          NOW: \(Self.path) is applied in part: 0 of 1 statements are done.
          The index a_n is left INVALID: no query uses it, every write pays for it. migrate resume builds it anew.
          HINT: migrate resume goes on with statement 1.

          """), "\(process.log)")
      #expect(try await isValid(connection) == "f")
      try await writer.query("COMMIT")
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(try await isValid(connection) == "t")
    }
  }

  /// PostgreSQL builds a second index beside the old one, which nobody takes away when it is interrupted.
  @Test func whatReindexLeavesIsNamed() async throws {
    try await withWriter("-- migrate: no-transaction\nREINDEX INDEX CONCURRENTLY old;\n") {
      (folder, database, writer, connection) async throws in
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await waitForWriters(process, connection)
      #expect(try await process.stop(SIGINT) == 130)
      #expect(
        process.log.contains(
          """
          NOW: \(Self.path) is applied in part: 0 of 1 statements are done; statement 1 may be done or not.
          Left INVALID by REINDEX, so that every write pays for it: old_ccnew. DROP INDEX CONCURRENTLY ends that.
          HINT: migrate resume carries statement 1 out once more; migrate resume --skip --reason '…' takes it for done.

          """), "\(process.log)")
      try await writer.query("COMMIT")
      try await connection.query("DROP INDEX CONCURRENTLY old_ccnew")
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
    }
  }

  @Test func oneThatAnotherSessionBuildsIsLeftAlone() async throws {
    try await withWriter(Self.build) { (folder, database, writer, connection) async throws in
      let other = try await database.connect()
      let pid = await other.backendPID
      async let built = other.execute("CREATE UNIQUE INDEX CONCURRENTLY a_n ON a (n)")
      try await eventually {
        try await connection.value(
          "SELECT phase FROM pg_stat_progress_create_index WHERE datname = current_database()")
          == "waiting for writers before build"
      }
      let refused = try await folder.migrate("up", database)
      #expect(refused.status == 3)
      #expect(
        refused.error.contains("the index a_n is being built by another session, pid \(pid)"),
        "\(refused.error)")
      try await writer.query("COMMIT")
      _ = try await built
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.error.contains("valid and equal: taken over"), "\(resumed.error)")
      await other.close()
    }
  }

  /// Whoever has made it so: what succeeded and is INVALID is a failure.
  @Test func anIndexThatIsInvalidAfterItsStatementFails() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": """
      CREATE TABLE a (n int);
      CREATE FUNCTION spoil() RETURNS event_trigger LANGUAGE plpgsql AS $$
      BEGIN UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'a_n'::regclass; END $$;
      CREATE EVENT TRIGGER spoil ON ddl_command_end WHEN TAG IN ('CREATE INDEX')
          EXECUTE FUNCTION spoil();
      """, Self.path: Self.build,
    ])
    try await TestDatabase.with(.empty) { database in
      let failed = try await folder.migrate("up", database)
      #expect(failed.status == 10)
      #expect(
        failed.error.hasPrefix(
          "migrate: error: \(Self.path):2:1: the index a_n is INVALID, although its statement succeeded\n"
        ), "\(failed.error)")
      let connection = try await database.connect()
      try await connection.query("DROP EVENT TRIGGER spoil")
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(try await isValid(connection) == "t")
      await connection.close()
    }
  }

  /// As the server itself counts it: blocks of the table.
  @Test func aLongBuildShowsHowFarItIs() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": """
      CREATE TABLE a AS SELECT n, repeat('x', 1000) AS t FROM generate_series(1, 300) AS n;
      CREATE FUNCTION slow(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE
          AS 'BEGIN PERFORM pg_sleep(0.015); RETURN n; END';
      """,
      Self.path: "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY a_n ON a (slow(n));\n",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
      #expect(
        result.error.contains(
          /migrations\/0002_index_a.sql:2  a_n: building index: scanning table, [0-9]+ %  [0-9]+ s/
        ), "\(result.error)")
    }
  }
}
