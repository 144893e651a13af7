internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Statements of a file without a transaction that run by themselves and are refused behind that, or stopped:
/// what is told, recorded and done next agrees with what is done.
@Suite(.timeLimit(.minutes(3))) struct StepwiseRefusalTests {
  private static let path = "migrations/0001_create_a.sql"

  /// The DO is done, and does not run again.
  @Test func aStatementThatChangesTheEncodingIsDone() async throws {
    let folder = try SQLFolder([
      Self.path: """
      -- migrate: no-transaction
      CREATE TABLE a (t text);
      DO $$ BEGIN INSERT INTO a VALUES ('once'); PERFORM set_config('client_encoding', 'LATIN1', false); END $$;
      INSERT INTO a VALUES ('ä');
      """
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 10)
      #expect(
        result.error == """
          migrate: error: \(Self.path):3:1: client_encoding is LATIN1
          NOW: \(Self.path) is applied in part: 2 of 3 statements are done.
          HINT: migrate resume goes on with statement 3.
          HINT: for other databases, leave it at UTF8, which the file is in.

          """)
      let status = try await folder.migrate("status", database)
      #expect(
        status.error.hasPrefix(
          "NOW: 2 of 3 statements are done; the run ended behind statement 2: \(Self.path):3:1: client_encoding is LATIN1.\nAT: \(Self.path):3:1: DO $$"
        ), "\(status.error)")
      #expect(status.error.hasSuffix("NEXT: migrate resume\n"), "\(status.error)")
      let history = try await folder.migrate("history", database, "--last", "1")
      #expect(history.output.contains("  2 of 3 statements  by "), "\(history.output)")
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
      let connection = try await database.connect()
      #expect(
        try await connection.value("SELECT string_agg(t, ' ' ORDER BY t DESC) FROM a") == "ä once")
      await connection.close()
    }
  }

  /// The ledger refuses the row of a statement that is done: the first time only, or every one.
  @Test(arguments: [("event = 'progressed' AND statement = 2", 2), ("statement = 2", 1)])
  func aStatementWhoseRowIsRefusedIsDone(rows: String, recorded: Int) async throws {
    let folder = try SQLFolder([
      Self.path: """
      -- migrate: no-transaction
      CREATE TABLE a (n int);
      DO $$ BEGIN
        INSERT INTO a VALUES (1);
        ALTER TABLE migrate.ledger ADD CONSTRAINT refused CHECK (NOT coalesce(\(rows), false));
      END $$;
      INSERT INTO a VALUES (2);
      """
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 10)
      let lines =
        recorded == 2
        ? """
        NOW: \(Self.path) is applied in part: 2 of 3 statements are done.
        HINT: migrate resume goes on with statement 3.

        """
        : """
        NOW: \(Self.path) is applied in part: 1 of 3 statements are done; so is statement 2, but that could not be recorded.
        HINT: migrate resume carries statement 2 out once more; migrate resume --skip --reason '…' takes it for done.

        """
      #expect(
        result.error.hasPrefix(
          "migrate: error: \(Self.path): ERROR: new row for relation \"ledger\" violates check constraint \"refused\"\n"
        ), "\(result.error)")
      #expect(result.error.hasSuffix(lines), "\(result.error)")
      let connection = try await database.connect()
      try await connection.execute("ALTER TABLE migrate.ledger DROP CONSTRAINT refused")
      let resumed =
        recorded == 2
        ? try await folder.migrate("resume", database)
        : try await folder.migrate("resume", database, "--skip", "--reason", "it is done")
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(try await connection.value("SELECT string_agg(n::text, '') FROM a") == "12")
      await connection.close()
    }
  }

  /// REINDEX of a partitioned table refuses a transaction only when it runs; by itself it is one for each
  /// partition.
  @Test func aStatementThatRefusesATransactionIsInDoubtWhenItIsStopped() async throws {
    let folder = try SQLFolder([
      Self.path: """
      -- migrate: no-transaction
      -- migrate: lock_timeout=60s
      REINDEX TABLE p;
      """
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        """
        CREATE TABLE p (n int PRIMARY KEY) PARTITION BY RANGE (n);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (2);
        CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (2) TO (3);
        """)
      try await connection.execute("BEGIN; LOCK TABLE p2 IN ROW EXCLUSIVE MODE")
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      let observer = try await database.connect()
      try await eventually("\(process.log)") {
        try await observer.value(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'REINDEX%'"
        ) == "1"
      }
      #expect(try await process.stop(SIGINT) == 130)
      #expect(
        process.log.hasSuffix(
          """
          migrate: error: stopped by a signal
          NOW: \(Self.path) is applied in part: 0 of 1 statements are done; statement 1 may be done or not.
          HINT: migrate resume carries statement 1 out once more; migrate resume --skip --reason '…' takes it for done.

          """), "\(process.log)")
      try await connection.execute("ROLLBACK")
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
      await observer.close()
      await connection.close()
    }
  }

  /// Its row is on the way: it is written, and told.
  @Test func aSignalBehindAStatementByItselfLeavesItRecorded() async throws {
    let folder = try SQLFolder([
      Self.path:
        "-- migrate: no-transaction\nDO $$ BEGIN CREATE TABLE a (n int); END $$;\nSELECT pg_sleep(60);\n"
    ])
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      let relay = StoppingRelay(
        toSocket: "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)",
        // The first one makes the ledger.
        behind: "'progressed', '", count: 2)
      defer { relay.stop() }
      let process = try DaemonProcess(
        Tool.product("migrate"),
        ["up", "--sql-dir", folder.path, "-d", relay.conninfo(database)])
      try await eventually("\(process.log)") { relay.hasStopped || !process.isRunning }
      process.kill(SIGINT)
      relay.goOn()
      try await eventually("\(process.log)") { !process.isRunning }
      #expect(process.exitStatus == 130)
      #expect(
        process.log.hasSuffix(
          """
          migrate: error: stopped by a signal
          NOW: \(Self.path) is applied in part: 1 of 2 statements are done.
          HINT: migrate resume goes on with statement 2.

          """), "\(process.log)")
      let connection = try await database.connect()
      #expect(
        try await connection.value(
          "SELECT statement FROM migrate.ledger WHERE event = 'progressed'") == "1")
      await connection.close()
    }
  }

  /// All is done, and the row that says so is on the way.
  @Test(arguments: [true, false])
  func theLastRowIsWrittenOrInDoubt(isSignal: Bool) async throws {
    let folder = try SQLFolder([
      Self.path: "-- migrate: no-transaction\nCREATE TABLE a (n int);\n"
    ])
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      let relay = StoppingRelay(
        toSocket: "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)",
        // The first one makes the ledger.
        behind: "'applied', '", count: 2)
      defer { relay.stop() }
      let process = try DaemonProcess(
        Tool.product("migrate"),
        ["up", "--sql-dir", folder.path, "-d", relay.conninfo(database)])
      try await eventually("\(process.log)") { relay.hasStopped || !process.isRunning }
      let connection = try await database.connect()
      if isSignal {
        process.kill(SIGINT)
        relay.goOn()
      } else {
        try await connection.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'migrate'"
        )
      }
      try await eventually("\(process.log)") { !process.isRunning }
      if isSignal {
        #expect(process.exitStatus == 0, "\(process.log)")
        #expect(
          try await connection.value("SELECT count(*) FROM migrate.ledger WHERE event = 'applied'")
            == "1")
      } else {
        #expect(process.exitStatus == 2)
        #expect(
          process.log.hasSuffix(
            """
            NOW: \(Self.path) is applied in part: 1 of 1 statements are done; whether it is recorded that it is applied, migrate status tells.
            HINT: migrate up goes on, or names migrate resume.

            """), "\(process.log)")
      }
      await connection.close()
    }
  }
}
