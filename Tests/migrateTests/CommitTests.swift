internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// COMMIT that is interrupted, and COMMIT whose answer does not come: what is told then is true.
@Suite(.timeLimit(.minutes(3))) struct CommitTests {
  private static let path = "migrations/0001_create_a.sql"

  enum Kind: String, CaseIterable {
    case transactional, stepwise

    var header: String { self == .stepwise ? "-- migrate: no-transaction\n" : "" }
  }

  /// A deferred trigger runs behind the last statement.
  @Test(arguments: Kind.allCases) func aSignalDuringADeferredTriggerRollsBack(kind: Kind)
    async throws
  {
    let folder = try SQLFolder([
      Self.path: kind.header + "INSERT INTO slow VALUES (1);\nSELECT 1;\n"
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        """
        CREATE TABLE slow (n int);
        CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION wait();
        """)
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await eventually {
        try await connection.value(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep' AND query LIKE 'SET CONSTRAINTS%'"
        ) == "1"
      }
      #expect(try await process.stop(SIGINT) == 130)
      let now =
        kind == .transactional
        ? "NOW: \(Self.path) rolled back; nothing was applied."
        : "NOW: \(Self.path) is applied in part: 0 of 2 statements are done."
      #expect(process.log.contains("stopped by a signal\n\(now)\n"), "\(process.log)")
      #expect(try await connection.value("SELECT count(*) FROM slow") == "0")
      await connection.close()
    }
  }

  /// COMMIT has passed, and its answer comes behind the signal.
  @Test func aCommitOfAStatementThatWasFasterIsToldAsDone() async throws {
    let folder = try SQLFolder([
      Self.path: "\(Kind.stepwise.header)CREATE TABLE a (n int);\nINSERT INTO a VALUES (1);\n"
    ])
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      let relay = StoppingRelay(
        toSocket: "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)", behind: "COMMIT\0",
        goesOnBehindCancel: true)
      defer { relay.stop() }
      let process = try DaemonProcess(
        Tool.product("migrate"),
        ["up", "--sql-dir", folder.path, "-d", relay.conninfo(database)])
      let connection = try await database.connect()
      try await eventually("\(process.log)") {
        try await connection.value("SELECT to_regclass('a')") == "a"
      }
      #expect(try await process.stop(SIGINT) == 130)
      #expect(
        process.log.hasSuffix(
          """
          migrate: error: stopped by a signal
          NOW: \(Self.path) is applied in part: 1 of 2 statements are done.
          HINT: migrate resume goes on with statement 2.

          """), "\(process.log)")
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(try await connection.value("SELECT count(*) FROM a") == "1")
      await connection.close()
    }
  }

  enum End: String, CaseIterable {
    case signal, terminated
  }

  /// COMMIT has passed, its answer has not.
  @Test(arguments: Kind.allCases, End.allCases)
  func aCommitWithoutAnAnswerIsToldAsSuch(kind: Kind, end: End) async throws {
    let folder = try SQLFolder([Self.path: kind.header + "CREATE TABLE a (n int);\nSELECT 1;\n"])
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      let relay = StoppingRelay(
        toSocket: "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)", behind: "COMMIT\0")
      defer { relay.stop() }
      let process = try DaemonProcess(
        Tool.product("migrate"),
        [
          "up", "--sql-dir", folder.path, "-d",
          relay.conninfo(database),
        ])
      let connection = try await database.connect()
      try await eventually("\(process.log)") {
        try await connection.value("SELECT to_regclass('a')") == "a"
      }
      switch end {
      case .signal: #expect(try await process.stop(SIGINT) == 130)
      case .terminated:
        try await connection.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'migrate'"
        )
        try await eventually { !process.isRunning }
        #expect(process.exitStatus == 2)
      }
      let now =
        kind == .transactional
        ? "NOW: \(Self.path) was being committed: applied as a whole, or not at all. migrate status tells which; migrate up goes on."
        : "NOW: \(Self.path) is applied in part: 0 of 2 statements are done; statement 1 may be done or not. migrate status tells."
      #expect(process.log.contains("\(now)\n"), "\(process.log)")
      // The relay holds the session that has the lock.
      relay.stop()
      let again = try await folder.migrate(kind == .transactional ? "up" : "resume", database)
      #expect(again.status == 0, "\(again.error)")
      await connection.close()
    }
  }
}
