internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Several runners at once, and runners that are stopped.
@Suite(.timeLimit(.minutes(3))) struct RunnerTests {
  @Test func ofManyRunnersEachFileIsAppliedOnce() async throws {
    var files = ["MANIFEST": "views", "views/v.sql": "INSERT INTO done VALUES ('v');"]
    files["migrations/0001_create_done.sql"] = "CREATE TABLE done (name text);"
    for number in 2...9 {
      files["migrations/000\(number)_insert_done.sql"] = """
        INSERT INTO done VALUES ('\(number)');
        SELECT pg_sleep(0.02);
        """
    }
    // It waits for every transaction that is open: none of a runner that waits.
    files["migrations/0010_index_done.sql"] = """
      -- migrate: no-transaction
      CREATE INDEX CONCURRENTLY done_name ON done (name);
      INSERT INTO done VALUES ('x');
      """
    let folder = try SQLFolder(files)
    try await TestDatabase.with(.empty) { database in
      let results = try await withThrowingTaskGroup(of: Tool.Result.self) { group in
        for _ in 0..<50 { group.addTask { try await folder.migrate("up", database) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(results.allSatisfy { $0.status == 0 }, "\(results.map(\.error))")
      #expect(results.filter { $0.output.hasPrefix("nothing to do") }.count == 49)
      let connection = try await database.connect()
      #expect(
        try await connection.value("SELECT string_agg(name, '' ORDER BY name) FROM done")
          == "23456789vx")
      #expect(
        try await connection.value(
          "SELECT string_agg(concat(event, n), ' ' ORDER BY event) FROM (SELECT event, count(*) AS n FROM migrate.ledger GROUP BY event) AS e"
        ) == "applied11 progressed2 started1")
      await connection.close()
    }
  }

  @Test func aRunnerThatWaitsSaysForWhom() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT pg_sleep(60);"])
    try await TestDatabase.with(.empty) { database in
      let first = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      let connection = try await database.connect()
      try await Self.waitForSleep(connection)
      let pid = try await connection.value(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'migrate'"
          + " AND datname = current_database()")
      let second = try await folder.migrate("up", database, "--lock-timeout", "1")
      #expect(second.status == 5)
      #expect(
        second.error.contains("waiting for another runner: pid \(pid!), postgres at the socket"))
      #expect(second.error.contains("migrate: error: another runner holds the lock: pid \(pid!)"))
      #expect(try await first.stop(SIGINT) == 130)
      await connection.close()
    }
  }

  @Test func aRunnerThatWaitsCanBeStopped() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.query("SELECT pg_advisory_lock(x'6d696772617465'::bigint)")
      for (signal, status) in [(SIGTERM, 143), (SIGINT, 130)] {
        let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
        try await process.waitForLine("waiting for another runner")
        #expect(try await process.stop(signal) == Int32(status))
        #expect(
          process.log.hasSuffix(
            "migrate: error: stopped by a signal\nNOW: nothing was changed.\nHINT: run migrate again to go on.\n"
          ), "\(process.log)")
      }
      #expect(try await connection.value("SELECT to_regclass('a')") == nil)
      await connection.close()
    }
  }

  private static func waitForSleep(_ connection: PostgresConnection) async throws {
    try await eventually {
      try await connection.value(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'PgSleep'
        """) == "1"
    }
  }

  @Test func aRunnerThatIsKilledLeavesNothingBehind() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      "migrations/0002_insert_a.sql": "INSERT INTO a VALUES (1);\nSELECT pg_sleep(60);\n",
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await Self.waitForSleep(connection)
      try await process.stop(SIGKILL)
      let start = ContinuousClock.now
      try folder.write("migrations/0002_insert_a.sql", "INSERT INTO a VALUES (1);\n")
      let result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
      // The server notices within client_connection_check_interval, not after the minute.
      #expect(start.duration(to: .now) < .seconds(20))
      #expect(try await connection.value("SELECT count(*) FROM a") == "1")
      #expect(
        try await connection.value("SELECT string_agg(version::text, ',') FROM migrate.ledger")
          == "1,2")
      await connection.close()
    }
  }

  @Test(arguments: [(2, 130), (15, 143)] as [(Int32, Int32)])
  func aSignalRollsBack(signal: Int32, status: Int32) async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      "migrations/0002_create_b.sql": "CREATE TABLE b (n int);\nSELECT pg_sleep(60);\n",
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await Self.waitForSleep(connection)
      #expect(try await process.stop(signal) == status)
      #expect(
        process.log.hasSuffix(
          """
          migrate: error: stopped by a signal
          NOW: migrations/0002_create_b.sql rolled back; 1 file before it stays applied.
          HINT: run migrate up again to go on.

          """), "\(process.log)")
      #expect(
        try await connection.value(
          """
          SELECT count(*) FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event = 'PgSleep'
          """) == "0")
      #expect(try await connection.value("SELECT to_regclass('b')") == nil)
      #expect(try await connection.value("SELECT count(*) FROM migrate.ledger") == "1")
      await connection.close()
    }
  }

  @Test func aLostConnectionIsTold() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT pg_sleep(60);"])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await Self.waitForSleep(connection)
      try await connection.query(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'PgSleep'
        """)
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 2)
      #expect(process.log.contains("terminating connection due to administrator command"))
      #expect(
        process.log.hasSuffix(
          "nothing was applied. Run migrate up again when the server can be reached.\n"),
        "\(process.log)")
      await connection.close()
    }
  }
}
