internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Who keeps a concurrent index build waiting is shown.
@Suite(.timeLimit(.minutes(3))) struct BuildBlockerTests {
  /// A transaction that writes is waited for before the build, one that may look at old rows behind it.
  @Test(arguments: [
    ("BEGIN; INSERT INTO a VALUES (1)", "waiting for writers before build"),
    (
      "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM pg_class LIMIT 1",
      "waiting for old snapshots"
    ),
  ])
  func anOldTransactionIsShown(query: String, phase: String) async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write(
        "migrations/0002_index_a.sql",
        "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY a_n ON a (n);\n")
      let connection = try await database.connect()
      try await connection.execute(
        """
        DO $$ BEGIN CREATE ROLE test_migrate_poor LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;
        GRANT INSERT ON a TO test_migrate_poor;
        """)
      let old = try await database.connect(as: "test_migrate_poor")
      let pid = await old.backendPID
      // The session is older than its transaction, whose age is the one that counts.
      try await eventually {
        try await connection.value(
          "SELECT clock_timestamp() - backend_start > '3 s' FROM pg_stat_activity WHERE pid = \(pid)"
        ) == "t"
      }
      try await old.execute(query)
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await process.waitForLine(": \(query)\n")
      let age = try await connection.value(
        "SELECT extract(epoch FROM clock_timestamp() - xact_start) FROM pg_stat_activity WHERE pid = \(pid)"
      )
      #expect(
        try await connection.value(
          "SELECT phase FROM pg_stat_progress_create_index WHERE datname = current_database()")
          == phase)
      let line = try #require(
        process.log.firstMatch(
          of:
            /migrations\/0002_index_a\.sql:2 waits for a lock: pid ([0-9]+) \((\w+), for 00:([0-9][0-9]):([0-9][0-9])\): (.*)\n/
        ), "\(process.log)")
      #expect(line.1 == "\(pid)" && line.2 == "test_migrate_poor" && line.5 == query)
      let shown = try #require(Double(line.3)) * 60 + #require(Double(line.4))
      #expect(shown <= Double(age ?? "") ?? 0, "\(line.0) \(age ?? "")")
      try await old.query("COMMIT")
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 0, "\(process.log)")
      await old.close()
      await connection.close()
    }
  }
}
