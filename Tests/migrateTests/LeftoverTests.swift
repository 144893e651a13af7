internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// What a concurrent command that was stopped has left behind is told, and nothing that is not its own.
@Suite(.timeLimit(.minutes(3))) struct LeftoverTests {
  private static let path = "migrations/0001_change_a.sql"

  private func folder(_ statement: String) throws -> SQLFolder {
    try SQLFolder([Self.path: "-- migrate: no-transaction\n\(statement);\n"])
  }

  private func waitForLock(_ connection: PostgresConnection, _ query: String) async throws {
    try await eventually {
      try await connection.value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1",
        [.text(query)]) == "1"
    }
  }

  /// The second transaction of DETACH waits for those that still see the partition.
  @Test func aDetachThatWasStoppedIsLeftPending() async throws {
    let folder = try folder("ALTER TABLE a DETACH PARTITION a1 CONCURRENTLY")
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        """
        CREATE TABLE a (n int) PARTITION BY RANGE (n);
        CREATE TABLE a1 PARTITION OF a FOR VALUES FROM (1) TO (2);
        CREATE TABLE b (n int);
        CREATE INDEX b_ccnew ON b (n);
        UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'b_ccnew'::regclass;
        """)
      let reader = try await database.connect()
      try await reader.execute("BEGIN; SELECT FROM a")
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await waitForLock(connection, "ALTER TABLE a DETACH%")
      #expect(try await process.stop(SIGINT) == 130)
      #expect(
        process.log.hasSuffix(
          """
          NOW: \(Self.path) is applied in part: 0 of 1 statements are done; statement 1 may be done or not.
          The partition a1 is left half detached: ALTER TABLE a DETACH PARTITION a1 FINALIZE ends that; then migrate resume --skip --reason '…'.
          HINT: migrate resume carries statement 1 out once more; migrate resume --skip --reason '…' takes it for done.

          """), "\(process.log)")
      try await reader.execute("ROLLBACK")
      try await connection.execute("ALTER TABLE a DETACH PARTITION a1 FINALIZE")
      let resumed = try await folder.migrate("resume", database, "--skip", "--reason", "finalized")
      #expect(resumed.status == 0, "\(resumed.error)")
      await reader.close()
      await connection.close()
    }
  }

  /// Another session builds an index of that name by the time that the signal comes: it is none that was left.
  @Test func whatAnotherSessionBuildsIsNotLeft() async throws {
    let folder = try folder("CREATE INDEX CONCURRENTLY a_n ON a (n)")
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute("CREATE TABLE a (n int)")
      let writer = try await database.connect()
      try await writer.execute("BEGIN; INSERT INTO a VALUES (1)")
      let holder = try await database.connect()
      try await holder.execute("BEGIN; LOCK TABLE a IN SHARE UPDATE EXCLUSIVE MODE")
      let builder = try await database.connect()
      let build = Task { try await builder.execute("CREATE INDEX CONCURRENTLY a_n ON a (n) ") }
      try await waitForLock(connection, "CREATE INDEX%(n) ")
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await waitForLock(connection, "CREATE INDEX%(n);")
      // The other session is the first in the queue, and then waits for the writer.
      try await holder.execute("ROLLBACK")
      try await eventually {
        try await connection.value(
          "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('a_n')")
          == "1"
      }
      #expect(try await process.stop(SIGINT) == 130)
      #expect(
        process.log.hasSuffix(
          """
          migrate: error: stopped by a signal
          NOW: \(Self.path) is applied in part: 0 of 1 statements are done.
          HINT: migrate resume goes on with statement 1.

          """), "\(process.log)")
      try await writer.execute("ROLLBACK")
      _ = try await build.value
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
      for each in [writer, holder, builder, connection] { await each.close() }
    }
  }
}
