internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// A signal at other moments than within a versioned file's statement: the server has nothing left to do, and what
/// is true is told.
@Suite(.timeLimit(.minutes(3))) struct SignalTests {
  @Test func betweenTwoAttempts() async throws {
    let folder = try SQLFolder([
      "migrations/0001_alter_a.sql":
        "-- migrate: lock_timeout=10ms\nCREATE TABLE b (n int);\nALTER TABLE a ADD m int;\n"
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.query("CREATE TABLE a (n int)")
      try await connection.execute("BEGIN; LOCK TABLE a")
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      // The pauses are a hundred times as long as the attempts by then.
      try await process.waitForLine("attempt 5 of 11")
      #expect(try await process.stop(SIGTERM) == 143)
      #expect(
        process.log.hasSuffix(
          """
          migrate: error: stopped by a signal
          NOW: migrations/0001_alter_a.sql rolled back; nothing was applied.
          HINT: run migrate up again to go on.

          """), "\(process.log)")
      try await connection.query("COMMIT")
      #expect(try await connection.value("SELECT to_regclass('b')") == nil)
      #expect(try await folder.migrate("up", database).status == 0)
      await connection.close()
    }
  }

  private static let sleeps =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"

  /// Runs a command whose session comes to sleep, and stops it there.
  /// - Parameters:
  ///   - connection: Another one, to the same database.
  ///   - now: What it tells then to be true, and `hint`, what to do.
  private static func stop(
    _ arguments: [String], _ signal: Int32, _ connection: PostgresConnection, now: String,
    hint: String
  ) async throws {
    let process = try DaemonProcess(Tool.product("migrate"), arguments)
    try await eventually("\(process.log)") { try await connection.value(sleeps) == "1" }
    #expect(try await process.stop(signal) == 128 + signal)
    #expect(
      process.log.hasSuffix(
        "migrate: error: stopped by a signal\nNOW: \(now).\nHINT: \(hint).\n"),
      "\(process.log)")
    #expect(try await connection.value(sleeps) == "0")
  }

  /// What only looks has nothing to tell of but that.
  @Test(arguments: ["status", "plan", "history", "show"], [SIGINT, SIGTERM])
  func whileItOnlyLooks(command: String, signal: Int32) async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);\n"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      let connection = try await database.connect()
      try await connection.execute(
        CatalogTrap.sql("pg_catalog.pg_roles", "rolsuper", "rolsuper AND pg_sleep(600) IS NOT NULL")
      )
      try await Self.stop(
        folder.arguments(command, database) + (command == "show" ? ["1"] : []), signal, connection,
        now: "nothing was changed", hint: "run migrate again to go on")
      await connection.close()
    }
  }

  /// All repeatable files are one transaction.
  @Test func whileARepeatableFileIsApplied() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);\n",
      "v/v.sql": "CREATE OR REPLACE VIEW v AS SELECT n FROM a;\n",
      "v/w.sql": "SELECT pg_sleep(600);\n", "MANIFEST": "v\n",
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await Self.stop(
        folder.arguments("up", database), SIGINT, connection,
        now: "all 2 repeatable files rolled back; 1 file before it stays applied",
        hint: "run migrate up again to go on")
      #expect(
        try await connection.value(
          "SELECT to_regclass('a') IS NOT NULL AND to_regclass('v') IS NULL") == "t")
      try folder.write("v/w.sql", "SELECT 1;\n")
      #expect(try await folder.migrate("up", database).status == 0)
      await connection.close()
    }
  }

  @Test func whileTheChecksAreAsked() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);\n",
      "checks.sql":
        "SELECT 'warning' AS severity, 'c' AS check, 'o' AS object, 'f' AS fix FROM pg_sleep(600);\n",
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await Self.stop(
        folder.arguments("up", database), SIGINT, connection,
        now: "all files are applied; the checks were not asked",
        hint: "run migrate up again to ask them")
      #expect(try await connection.value("SELECT to_regclass('a') IS NOT NULL") == "t")
      await connection.close()
    }
  }
}
