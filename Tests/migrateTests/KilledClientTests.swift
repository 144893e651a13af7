internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// A runner that is killed with SIGKILL: its backend goes with it, whatever it waits for. The server looks
/// every 2 s (`client_connection_check_interval`); without that look it would learn of it when the statement
/// is done, here in ten minutes.
@Suite(.timeLimit(.minutes(3))) struct KilledClientTests {
  /// Five looks: a machine that is busy with several suites may come late for some of them.
  private static let limit = Duration.seconds(10)

  struct Wait: Sendable, CustomTestStringConvertible {
    /// As `pg_stat_activity` has it.
    var event: String
    var statement: String
    var isStepwise = false
    /// Whether readers of the table stand behind it.
    var blocksReaders = false

    var testDescription: String { event }
  }

  @Test(arguments: [
    Wait(event: "PgSleep", statement: "SELECT pg_sleep(600);"),
    Wait(event: "relation", statement: "ALTER TABLE a ADD m int;", blocksReaders: true),
    // It waits for the transactions that may have written into the table.
    Wait(
      event: "virtualxid", statement: "CREATE INDEX CONCURRENTLY a_n ON a (n);", isStepwise: true),
  ])
  func aKilledRunnersStatementEnds(wait: Wait) async throws {
    let header = wait.isStepwise ? "-- migrate: no-transaction\n" : ""
    let folder = try SQLFolder([
      "migrations/0001_change_a.sql":
        "\(header)-- migrate: lock_timeout=600s\n\(wait.statement)\n"
    ])
    try await TestDatabase.with(.empty) { database in
      let holder = try await database.connect()
      let connection = try await database.connect()
      try await connection.query("CREATE TABLE a (n int)")
      try await holder.execute("BEGIN; INSERT INTO a VALUES (1)")
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      var pid: String?
      try await eventually("\(process.log)") {
        pid = try await connection.value(
          "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'migrate' AND wait_event = '\(wait.event)'"
        )
        return pid != nil
      }
      let backend = try #require(pid)
      let read = "LOCK TABLE a IN ACCESS SHARE MODE NOWAIT"
      if wait.blocksReaders {
        #expect(await sqlState { try await connection.execute("BEGIN; \(read)") } == "55P03")
        try await connection.query("ROLLBACK")
      }
      process.kill(SIGKILL)
      try await eventually(within: Self.limit, "the end of the killed runner's backend") {
        try await connection.value(
          "SELECT count(*) FROM pg_stat_activity WHERE pid = \(backend)") == "0"
      }
      #expect(
        try await connection.value("SELECT count(*) FROM pg_locks WHERE pid = \(backend)") == "0")
      // While whoever was in its way is there still.
      try await connection.execute("BEGIN; \(read)")
      try await connection.query("COMMIT")
      try await holder.query("COMMIT")
      #expect(
        try await connection.value(
          "SELECT count(*) FROM migrate.ledger WHERE event NOT IN ('started')") == "0")
      await connection.close()
      await holder.close()
    }
  }
}
