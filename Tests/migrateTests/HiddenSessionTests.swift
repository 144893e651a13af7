internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Beside sessions of other roles, for a role that PostgreSQL does not show them to.
@Suite(.timeLimit(.minutes(3))) struct HiddenSessionTests {
  /// Two logins that see nothing of each other, and may both migrate.
  private struct Logins {
    let group: String
    let first: String
    let second: String

    static func with(
      _ database: TestDatabase, _ body: (Logins, PostgresConnection) async throws -> Void
    ) async throws {
      let id = "test_" + UUID().uuidString.lowercased().prefix(8)
      let logins = Logins(group: id, first: "\(id)_first", second: "\(id)_second")
      let connection = try await database.connect()
      try await connection.execute(
        """
        CREATE ROLE \(logins.group);
        CREATE ROLE \(logins.first) LOGIN IN ROLE \(logins.group);
        CREATE ROLE \(logins.second) LOGIN IN ROLE \(logins.group);
        GRANT CREATE ON DATABASE \(database.name) TO \(logins.first), \(logins.second);
        GRANT CREATE ON SCHEMA public TO \(logins.group);
        CREATE SCHEMA migrate AUTHORIZATION \(logins.group);
        """)
      try await body(logins, connection)
      await connection.close()
    }
  }

  private func migrate(
    _ folder: SQLFolder, _ command: String, _ database: TestDatabase, as login: String,
    _ more: String...
  ) async throws -> Tool.Result {
    try await Tool.run(
      Tool.product("migrate"),
      [command, "-d", database.conninfo(user: login), "--sql-dir", folder.path] + more)
  }

  @Test func aHolderWhoIsHiddenIsToldAsSuch() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT pg_sleep(600);"])
    try await TestDatabase.with(.empty) { database in
      try await Logins.with(database) { (logins, connection) async throws in
        let process = try DaemonProcess(
          Tool.product("migrate"),
          ["up", "-d", database.conninfo(user: logins.first), "--sql-dir", folder.path])
        var pid: String?
        try await eventually("\(process.log)") {
          pid = try await connection.value(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
          )
          return pid != nil
        }
        let holder =
          "pid \(pid!), \(logins.first); from where and since when is hidden from \(logins.second)\n"
        let hint =
          "HINT: \(logins.first) itself sees all of it, and so does \(logins.second) after GRANT pg_read_all_stats TO \(logins.second).\n"
        let shown = try await migrate(folder, "unlock", database, as: logins.second)
        #expect(shown.status == 5)
        #expect(shown.error == "migrate: error: the lock is held by " + holder + hint)

        let waiting = try await migrate(
          folder, "up", database, as: logins.second, "--lock-timeout", "1")
        #expect(waiting.status == 5)
        #expect(
          waiting.error.hasPrefix("waiting for another runner: " + holder + hint),
          "\(waiting.error)")
        #expect(waiting.error.hasSuffix(hint), "\(waiting.error)")

        let unproven = try await migrate(
          folder, "unlock", database, as: logins.second, "--pid", pid!)
        #expect(unproven.status == 5)
        #expect(
          unproven.error == """
            migrate: error: pid \(pid!) is \(logins.first)'s, and when its session began is hidden from \(logins.second)
            NOW: nothing was ended.
            HINT: run migrate unlock as \(logins.first), or as a superuser.

            """)

        try await connection.query("GRANT pg_read_all_stats TO \(logins.second)")
        let seen = try await migrate(folder, "unlock", database, as: logins.second)
        #expect(
          seen.error.contains("pid \(pid!), \(logins.first) at the socket, connected for 00:0"),
          "\(seen.error)")
        let denied = try await migrate(folder, "unlock", database, as: logins.second, "--pid", pid!)
        #expect(denied.status == 5)
        #expect(
          denied.error.hasPrefix("migrate: error: \(logins.second) may not end pid \(pid!): "),
          "\(denied.error)")
        #expect(
          denied.error.hasSuffix(
            "NOW: nothing was ended.\nHINT: run migrate unlock as \(logins.first), or as a superuser.\n"
          ), "\(denied.error)")
        #expect(process.isRunning)

        let ended = try await migrate(folder, "unlock", database, as: logins.first, "--pid", pid!)
        #expect(ended.status == 0, "\(ended.error)")
        try await eventually { !process.isRunning }
      }
    }
  }

  /// Who is in the way is told as far as it is shown, and how to see the rest.
  @Test func aBlockerWhoIsHiddenIsToldAsSuch() async throws {
    let folder = try SQLFolder([
      "migrations/0001_alter_a.sql": "-- migrate: lock_timeout=60s\nALTER TABLE a ADD m int;"
    ])
    try await TestDatabase.with(.empty) { database in
      try await Logins.with(database) { (logins, connection) async throws in
        try await connection.execute(
          "CREATE TABLE a (n int); ALTER TABLE a OWNER TO \(logins.group)")
        let blocker = try await database.connect(as: logins.first)
        try await blocker.execute("BEGIN; SELECT n FROM a")
        let process = try DaemonProcess(
          Tool.product("migrate"),
          ["up", "-d", database.conninfo(user: logins.second), "--sql-dir", folder.path])
        try await process.waitForLine(
          "migrations/0001_alter_a.sql:2 waits for a lock: pid \(await blocker.backendPID) (\(logins.first); since when and with what is hidden from \(logins.second): GRANT pg_read_all_stats TO \(logins.second) shows it)"
        )
        try await blocker.query("COMMIT")
        try await eventually("\(process.log)") { !process.isRunning }
        #expect(process.exitStatus == 0, "\(process.log)")
        await blocker.close()
      }
    }
  }

  /// The statistics show it to the login, and not to the role that it migrates as.
  @Test func aBuildOfTheRoleAtHandIsShown() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": """
      CREATE TABLE a AS SELECT n FROM generate_series(1, 300) AS n;
      CREATE FUNCTION slow(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE
          AS 'BEGIN PERFORM pg_sleep(0.015); RETURN n; END';
      """,
      "migrations/0002_index_a.sql":
        "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY a_n ON a (slow(n));\n",
    ])
    try await TestDatabase.with(.empty) { database in
      try await Logins.with(database) { (logins, _) async throws in
        let result = try await Tool.run(
          Tool.product("migrate"),
          [
            "up", "--sql-dir", folder.path, "-d",
            "\(database.conninfo(user: logins.first)) options='-c role=\(logins.group)'",
          ])
        #expect(result.status == 0, "\(result.error)")
        #expect(result.error.contains("0002_index_a.sql:2  a_n: building index"), "\(result.error)")
      }
    }
  }

  /// The statistics do not show what another role's session builds; it is no failed build's leftover all
  /// the same.
  @Test func anIndexThatAnotherRolesSessionBuildsIsLeftAlone() async throws {
    let folder = try SQLFolder([
      "migrations/0001_index_a.sql":
        "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY a_n ON a (n);\n"
    ])
    try await TestDatabase.with(.empty) { database in
      try await Logins.with(database) { (logins, connection) async throws in
        try await connection.execute(
          "CREATE TABLE a (n int); ALTER TABLE a OWNER TO \(logins.group)")
        let writer = try await database.connect()
        try await writer.execute("BEGIN; INSERT INTO a VALUES (1)")
        let builder = try await database.connect(as: logins.first)
        let pid = await builder.backendPID
        async let built = builder.execute("CREATE INDEX CONCURRENTLY a_n ON a (n)")
        try await eventually {
          try await connection.value(
            "SELECT phase FROM pg_stat_progress_create_index WHERE datname = current_database()")
            == "waiting for writers before build"
        }
        let looker = try await database.connect(as: logins.second)
        #expect(
          try await looker.value(
            "SELECT concat(index_relid, relid) FROM pg_stat_progress_create_index WHERE pid = \(pid)"
          )
            == "")
        await looker.close()
        let index = try await connection.value("SELECT 'a_n'::regclass::oid")

        // It would wait for the builder, and drop its index.
        let refused = try DaemonProcess(
          Tool.product("migrate"),
          ["up", "-d", database.conninfo(user: logins.second), "--sql-dir", folder.path])
        try await eventually("\(refused.log)") { !refused.isRunning }
        #expect(refused.exitStatus == 3)
        #expect(
          refused.log.contains("the index a_n is being built by another session, pid \(pid)"),
          "\(refused.log)")
        try await writer.query("COMMIT")
        _ = try await built
        #expect(try await connection.value("SELECT 'a_n'::regclass::oid") == index)
        let resumed = try await migrate(folder, "resume", database, as: logins.second)
        #expect(resumed.error.contains("valid and equal: taken over"), "\(resumed.error)")
        await writer.close()
        await builder.close()
      }
    }
  }
}
