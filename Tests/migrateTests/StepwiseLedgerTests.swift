internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// The first and the last row of a file without a transaction: refused, stopped by a signal, or not answered.
/// What is told then is true, and the command that is named next goes on.
@Suite(.timeLimit(.minutes(3))) struct StepwiseLedgerTests {
  private static let path = "migrations/0002_create_b.sql"

  enum Row: String, CaseIterable {
    case started, applied
  }

  private func folder() throws -> SQLFolder {
    try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      Self.path: "-- migrate: no-transaction\nCREATE TABLE b (n int);\nINSERT INTO b VALUES (1);\n",
    ])
  }

  /// Runs `up` through a relay that keeps back the server's answer to a row that it has written.
  private func unanswered(
    _ row: Row, goesOn: Bool,
    _ check: (DaemonProcess, StoppingRelay, SQLFolder, TestDatabase) async throws -> Void
  ) async throws {
    let folder = try folder()
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      // What makes the ledger names each kind of row.
      let first = try await folder.migrate("up", database, "--to", "1")
      #expect(first.status == 0, "\(first.error)")
      let relay = StoppingRelay(
        toSocket: "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)",
        behind: "'\(row.rawValue)', ", goesOnBehindCancel: goesOn)
      defer { relay.stop() }
      let process = try DaemonProcess(
        Tool.product("migrate"), ["up", "--sql-dir", folder.path, "-d", relay.conninfo(database)])
      let connection = try await database.connect()
      try await eventually("\(process.log)") {
        guard relay.hasStopped else { return false }
        return try await connection.value(
          "SELECT count(*) FROM migrate.ledger WHERE version = 2 AND event = '\(row.rawValue)'")
          == "1"
      }
      await connection.close()
      try await check(process, relay, folder, database)
    }
  }

  /// The answer comes behind the signal.
  @Test(arguments: Row.allCases) func whatWasWrittenIsToldAsWritten(row: Row) async throws {
    try await unanswered(row, goesOn: true) { process, _, folder, database in
      #expect(try await process.stop(SIGTERM) == 143)
      let lines =
        row == .started
        ? """
        NOW: \(Self.path) is applied in part: 0 of 2 statements are done.
        HINT: migrate resume goes on with statement 1.

        """
        : """
        NOW: \(Self.path) is applied, and so is what was before.
        HINT: migrate status shows it; run migrate up again to go on.

        """
      #expect(
        process.log.hasSuffix("migrate: error: stopped by a signal\n\(lines)"), "\(process.log)")
      let next = try await folder.migrate(row == .started ? "resume" : "up", database)
      #expect(next.status == 0, "\(next.error)")
      try await checkOnce(database)
    }
  }

  enum End: String, CaseIterable {
    case signal, terminated
  }

  /// No answer comes.
  @Test(arguments: Row.allCases, End.allCases) func whatNobodyKnowsIsToldAsUnknown(
    row: Row, end: End
  ) async throws {
    try await unanswered(row, goesOn: false) { process, relay, folder, database in
      switch end {
      case .signal: #expect(try await process.stop(SIGINT) == 130)
      case .terminated:
        let connection = try await database.connect()
        try await connection.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'migrate'"
        )
        await connection.close()
        try await eventually { !process.isRunning }
        #expect(process.exitStatus == 2)
      }
      let now =
        row == .started
        ? "NOW: none of the statements of \(Self.path) is done; whether it is recorded that it has begun, migrate status tells."
        : "NOW: \(Self.path) is applied in part: 2 of 2 statements are done; whether it is recorded that it is applied, migrate status tells."
      #expect(
        process.log.hasSuffix("\(now)\nHINT: migrate up goes on, or names migrate resume.\n"),
        "\(process.log)")
      // The relay holds the session that has the lock.
      relay.stop()
      let up = try await folder.migrate("up", database)
      if row == .started {
        #expect(up.status == 10 && up.error.hasSuffix("NEXT: migrate resume\n"), "\(up.error)")
        let resumed = try await folder.migrate("resume", database)
        #expect(resumed.status == 0, "\(resumed.error)")
      } else {
        #expect(up.status == 0, "\(up.error)")
      }
      try await checkOnce(database)
    }
  }

  private func checkOnce(_ database: TestDatabase) async throws {
    let connection = try await database.connect()
    #expect(try await connection.value("SELECT count(*) FROM b") == "1")
    #expect(
      try await connection.value(
        "SELECT count(*) FROM migrate.ledger WHERE version = 2 AND event = 'applied'") == "1")
    await connection.close()
  }

  /// What has not begun is not applied in part.
  @Test func aFirstRowThatIsRefusedLeavesNothing() async throws {
    try await refused(.started) { folder, database, remove in
      let up = try await folder.migrate("up", database)
      #expect(up.status == 3)
      #expect(
        up.error.hasSuffix(
          "NOW: \(Self.path) was not begun; nothing was applied.\nHINT: mend what refuses the ledger's row, and run migrate up again.\n"
        ), "\(up.error)")
      #expect(try await folder.migrate("status", database).output.contains("pending  \(Self.path)"))
      try await remove()
      let again = try await folder.migrate("up", database)
      #expect(again.status == 0, "\(again.error)")
    }
  }

  /// Its statements are done; there is no third one that was refused.
  @Test func aLastRowThatIsRefusedIsTold() async throws {
    try await refused(.applied) { folder, database, remove in
      let up = try await folder.migrate("up", database)
      #expect(up.status == 10)
      #expect(
        up.error.hasSuffix(
          "NOW: \(Self.path) is applied in part: 2 of 2 statements are done.\nHINT: migrate resume records that it is applied.\n"
        ), "\(up.error)")
      let status = try await folder.migrate("status", database)
      #expect(
        status.error.hasPrefix(
          "NOW: 2 of 2 statements are done; that the file is applied could not be recorded: new row for relation"
        ), "\(status.error)")
      #expect(status.error.hasSuffix("NEXT: migrate resume\n"), "\(status.error)")
      try await remove()
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
    }
  }

  /// Lets the ledger refuse the second file's row of a kind.
  private func refused(
    _ row: Row,
    _ body: (SQLFolder, TestDatabase, () async throws -> Void) async throws -> Void
  ) async throws {
    let folder = try folder()
    try await TestDatabase.with(.empty) { database in
      let first = try await folder.migrate("up", database, "--to", "1")
      #expect(first.status == 0, "\(first.error)")
      let connection = try await database.connect()
      try await connection.execute(
        "ALTER TABLE migrate.ledger ADD CONSTRAINT refused CHECK (version IS DISTINCT FROM 2 OR event <> '\(row.rawValue)')"
      )
      try await body(folder, database) {
        try await connection.execute("ALTER TABLE migrate.ledger DROP CONSTRAINT refused")
      }
      await connection.close()
      try await checkOnce(database)
    }
  }
}
