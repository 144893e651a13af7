internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Locks that are not to be had at once.
@Suite(.timeLimit(.minutes(3))) struct LockWaitTests {
  @Test func aLockThatIsNotToBeHadIsTriedAgain() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0002_alter_a.sql", "ALTER TABLE a ADD m int;")
      let connection = try await database.connect()
      try await connection.execute("BEGIN; LOCK TABLE a")
      let process = try DaemonProcess(
        Tool.product("migrate"), folder.arguments("up", database))
      let pid = await connection.backendPID
      try await process.waitForLine(
        "migrations/0002_alter_a.sql:1 waits for a lock: pid \(pid) (postgres, for 00:0")
      #expect(process.log.contains("): BEGIN; LOCK TABLE a\n"), "\(process.log)")
      try await process.waitForLine("attempt 2 of 11")
      try await connection.query("COMMIT")
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 0, "\(process.log)")
      // The first attempt's wait counts, which was seen.
      let line = try #require(
        process.log.firstMatch(
          of:
            /applied  migrations\/0002_alter_a.sql  ([0-9]+)\.[0-9] ms  \(([0-9]+)\.[0-9] ms of them for locks\)/
        ),
        "\(process.log)")
      #expect(Int(line.1)! >= Int(line.2)!, "\(line.0)")
      await connection.close()
    }
  }

  @Test func aFileWithoutATransactionShowsItsWait() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write(
        "migrations/0002_index_a.sql",
        "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY a_n ON a (n);\n")
      let connection = try await database.connect()
      try await connection.execute("BEGIN; LOCK TABLE a")
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await process.waitForLine("): BEGIN; LOCK TABLE a\n")
      try await connection.query("COMMIT")
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 0, "\(process.log)")
      #expect(
        process.log.contains(
          /applied  migrations\/0002_index_a.sql  [0-9.]+ ms  \([1-9][0-9]*\.[0-9] ms of them for locks\)/
        ),
        "\(process.log)")
      await connection.close()
    }
  }

  /// It has no session that could be shown, and outlives a restart.
  @Test func aPreparedTransactionIsShown() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0002_alter_a.sql", "ALTER TABLE a ADD m int;")
      let connection = try await database.connect()
      for sql in ["BEGIN", "LOCK TABLE a", "PREPARE TRANSACTION '\(database.name)'"] {
        try await connection.query(sql)
      }
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      do {
        try await process.waitForLine(
          "migrations/0002_alter_a.sql:1 waits for a lock: a prepared transaction: '\(database.name)' (postgres, for 0d 00:0"
        )
      } catch {
        // Else the database could not be dropped.
        _ = try? await connection.query("ROLLBACK PREPARED '\(database.name)'")
        throw error
      }
      try await connection.query("ROLLBACK PREPARED '\(database.name)'")
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 0, "\(process.log)")
      await connection.close()
    }
  }

  @Test func whenNoLockIsToBeHadNothingHasChanged() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      "v/v.sql": "CREATE VIEW v AS SELECT 1;", "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write(
        "migrations/0002_alter_a.sql",
        "-- migrate: lock_timeout=10ms\nCREATE TABLE b (n int);\nALTER TABLE a ADD m int;")
      let connection = try await database.connect()
      try await connection.execute("BEGIN; LOCK TABLE a")
      let start = ContinuousClock.now
      let result = try await folder.migrate("up", database)
      // Ten pauses by chance, of 15.6 s on the average; that they come to less is one in a million.
      #expect(start.duration(to: .now) > .seconds(2))
      #expect(result.status == 9)
      #expect(
        result.error.hasSuffix(
          """
          attempt 11 of 11
          migrate: error: migrations/0002_alter_a.sql:3:1: ERROR: canceling statement due to lock timeout
          SQLSTATE: 55P03
          NOW: migrations/0002_alter_a.sql rolled back; nothing was applied. Run migrate up again when those that hold the lock are done.

          """), "\(result.error)")
      try await connection.query("COMMIT")
      #expect(try await connection.value("SELECT to_regclass('b')") == nil)
      #expect(try await folder.migrate("up", database).status == 0)
      await connection.close()
    }
  }

  /// Exit code 9 speaks of the file at hand; those before it stay.
  @Test func whatWasAppliedBeforeStays() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0002_create_b.sql", "CREATE TABLE b (n int);")
      try folder.write(
        "migrations/0003_alter_a.sql", "-- migrate: lock_timeout=10ms\nALTER TABLE a ADD m int;")
      let connection = try await database.connect()
      try await connection.execute("BEGIN; LOCK TABLE a")
      let result = try await folder.migrate("up", database)
      #expect(result.status == 9)
      #expect(
        result.error.contains(
          "NOW: migrations/0003_alter_a.sql rolled back; 1 file before it stays applied. Run migrate up again"
        ), "\(result.error)")
      #expect(try await connection.value("SELECT to_regclass('b')") == "b")
      await connection.close()
    }
  }

  /// The runner is the one whom PostgreSQL picks.
  @Test func theVictimOfADeadlockIsTriedAgain() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int); CREATE TABLE b (n int);"
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      // Until the other waits for a; or, the second time, is done with b.
      try folder.write(
        "migrations/0002_alter_a.sql",
        """
        SET deadlock_timeout = '10ms';
        ALTER TABLE a ADD m int;
        DO $$ BEGIN
          WHILE EXISTS (SELECT FROM pg_locks WHERE relation = 'b'::regclass AND granted)
            AND NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'a'::regclass AND NOT granted)
          LOOP PERFORM pg_sleep(0.01); END LOOP;
        END $$;
        ALTER TABLE b ADD m int;
        """)
      let other = try await database.connect()
      try await other.execute("SET deadlock_timeout = '1h'; SET lock_timeout = 0")
      try await other.execute("BEGIN; LOCK TABLE b")
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      let connection = try await database.connect()
      try await eventually("\(process.log)") {
        try await connection.value(
          "SELECT count(*) FROM pg_locks WHERE relation = 'a'::regclass AND mode = 'AccessExclusiveLock' AND granted"
        ) == "1"
      }
      try await other.execute("LOCK TABLE a")
      try await other.execute("COMMIT")
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 0, "\(process.log)")
      #expect(
        process.log.contains("migrations/0002_alter_a.sql: deadlock detected; attempt 2 of 11\n"),
        "\(process.log)")
      await other.close()
      await connection.close()
    }
  }

  /// What the file has prepared is still there when its transaction has rolled back.
  @Test func aPreparedStatementIsNoObstacleToTheNextAttempt() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write(
        "migrations/0002_alter_a.sql",
        "-- migrate: lock_timeout=50ms\nPREPARE p AS SELECT 1;\nALTER TABLE a ADD m int;")
      let connection = try await database.connect()
      try await connection.execute("BEGIN; LOCK TABLE a")
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await process.waitForLine("attempt 2 of 11")
      try await connection.query("COMMIT")
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 0, "\(process.log)")
      await connection.close()
    }
  }

  /// Of repeatable files, which share a transaction, each has its own wait.
  @Test func eachRepeatableFileHasItsOwnWait() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);", "v/a.sql": "SELECT 1;",
      "v/b.sql": "ALTER TABLE a ADD COLUMN IF NOT EXISTS m int;", "v/c.sql": "SELECT 1;",
      "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database, "--to", "1").status == 0)
      let connection = try await database.connect()
      try await connection.execute("BEGIN; LOCK TABLE a")
      let process = try DaemonProcess(
        Tool.product("migrate"), folder.arguments("up", database, "--format", "ndjson"))
      try await process.waitForLine("waits for a lock")
      try await process.waitForLine("attempt 2 of 11")
      try await connection.query("COMMIT")
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 0, "\(process.log)")
      var waits: [String: Double] = [:]
      for line in process.lines where line.hasPrefix("{") {
        let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        guard record?["event"] as? String == "file", let path = record?["path"] as? String else {
          continue
        }
        waits[path] = record?["lockWaitMilliseconds"] as? Double
      }
      #expect(waits["v/a.sql"] == 0 && waits["v/c.sql"] == 0, "\(waits)")
      #expect(waits["v/b.sql"] ?? 0 > 0, "\(waits)")
      await connection.close()
    }
  }
}
