internal import Glibc
internal import Postgres
internal import TestSupport
internal import Testing

/// What is told of a file without a transaction whose runner was killed (kill -9), and could say nothing.
@Suite(.timeLimit(.minutes(3))) struct KilledRunnerTests {
  private static let path = "migrations/0001_create_a.sql"
  private static let head = "-- migrate: no-transaction\nCREATE TABLE a (n int);\n"

  /// Kills a runner when a session waits as it is said.
  private func kill(
    _ process: DaemonProcess, when condition: String, _ database: TestDatabase
  ) async throws {
    let connection = try await database.connect()
    try await eventually("\(process.log)") {
      try await connection.value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND \(condition)")
        == "1"
    }
    #expect(try await process.stop(SIGKILL) == SIGKILL)
    await connection.close()
  }

  /// A statement that shares a transaction with its row is done if, and only if, that is there; of any other
  /// nobody knows.
  @Test(arguments: [
    ("SELECT pg_sleep(60);", "is not done"),
    ("INSERT INTO a SELECT 1 FROM pg_sleep(60);", "is not done"),
    ("DO $$ BEGIN PERFORM pg_sleep(60); END $$;", "may be done or not"),
  ])
  func aStatementIsInDoubtOnlyIfItsRowDoesNotTell(statement: String, told: String) async throws {
    let folder = try SQLFolder([Self.path: "\(Self.head)\(statement)\n"])
    try await TestDatabase.with(.empty) { database in
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await kill(process, when: "wait_event = 'PgSleep'", database)
      let lines = """
        NOW: 1 of 2 statements are done; the runner ended at statement 2, which \(told).
        AT: \(Self.path):3:1: \(statement)
        NEXT: migrate resume

        """
      #expect(try await folder.migrate("status", database).error == lines)
      #expect(try await folder.migrate("show", database, "1").error == lines)
      let up = try await folder.migrate("up", database)
      #expect(up.status == 10)
      // It may have waited for what the server does for the killed one.
      #expect(
        up.error.hasSuffix("migrate: error: \(Self.path) is applied in part\n\(lines)"),
        "\(up.error)")
      // In a file that was edited since, another statement may have been at hand.
      try folder.write(Self.path, "\(Self.head)SELECT 1;\n")
      let edited = try await folder.migrate("status", database).error
      #expect(edited.contains("at statement 2, which may be done or not.\n"), "\(edited)")
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
    }
  }

  /// Within a transaction it is refused only when it runs, and then runs by itself.
  @Test func aStatementThatRefusesATransactionIsInDoubt() async throws {
    let folder = try SQLFolder([
      Self.path: "-- migrate: no-transaction, lock_timeout=60s\nREINDEX TABLE p;\n"
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        """
        CREATE TABLE p (n int PRIMARY KEY) PARTITION BY RANGE (n);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (2);
        """)
      try await connection.execute("BEGIN; LOCK TABLE p1 IN ROW EXCLUSIVE MODE")
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await kill(process, when: "wait_event_type = 'Lock' AND query LIKE 'REINDEX%'", database)
      let status = try await folder.migrate("status", database)
      #expect(
        status.error.hasPrefix(
          "NOW: 0 of 1 statements are done; the runner ended at statement 1, which may be done or not.\n"
        ), "\(status.error)")
      await connection.close()
    }
  }

  /// Where all of them are, there is none to be in doubt.
  @Test func behindTheLastStatementNoneIsInDoubt() async throws {
    let text = "DO $$ BEGIN CREATE TABLE a (n int); END $$;\n"
    let folder = try SQLFolder([Self.path: "-- migrate: no-transaction\n\(text)"])
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      let relay = StoppingRelay(
        toSocket: "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)",
        // The first one makes the ledger.
        behind: "'progressed', '", count: 2)
      defer { relay.stop() }
      let process = try DaemonProcess(
        Tool.product("migrate"), ["up", "--sql-dir", folder.path, "-d", relay.conninfo(database)])
      let connection = try await database.connect()
      try await eventually("\(process.log)") {
        guard relay.hasStopped else { return false }
        return try await connection.value(
          "SELECT count(*) FROM migrate.ledger WHERE event = 'progressed'") == "1"
      }
      #expect(try await process.stop(SIGKILL) == SIGKILL)
      let status = try await folder.migrate("status", database)
      #expect(
        status.error
          == "NOW: 1 of 1 statements are done; the runner ended before it was recorded that the file is applied.\nNEXT: migrate resume\n"
      )
      try folder.write(Self.path, text)
      let refused = try await folder.migrate("plan", database)
      #expect(refused.status == 6)
      #expect(
        refused.error.contains(
          "\nNOW: \(Self.path) is applied in part: 1 of 1 statements are done.\n"),
        "\(refused.error)")
      await connection.close()
    }
  }
}
