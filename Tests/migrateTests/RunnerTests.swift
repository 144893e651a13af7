internal import ArgumentParser
internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import migrate

/// Several runners, runners that are stopped, and servers that are not there.
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
          == "23456789v")
      #expect(try await connection.value("SELECT count(*) FROM migrate.ledger") == "10")
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
          NOW: the file at hand was rolled back; those before it stay applied.
          HINT: migrate status shows them; run migrate up again to go on.

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
      await connection.close()
    }
  }

  // MARK: Usage

  private func migrate(
    _ arguments: String..., environment: [String: String] = [:]
  ) async throws -> Tool.Result {
    try await Tool.run(Tool.product("migrate"), arguments, environment: environment)
  }

  @Test func aServerThatIsNotThereIsTwoLines() async throws {
    let folder = try SQLFolder()
    let result = try await migrate(
      "up", "-h", "/nowhere", "-p", "5", "--sql-dir", folder.path,
      environment: ["PGHOST": "", "PGPORT": ""])
    #expect(result.status == 2)
    #expect(result.output == "")
    let lines = result.error.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("migrate: error: connection to server on socket \"/nowhere/"))
    #expect(lines[1].hasPrefix("HINT: say where the server is"))
    let database = try await migrate(
      "status", "--sql-dir", folder.path, environment: ["PGDATABASE": "no_such_database"])
    #expect(database.status == 2)
    #expect(database.error.contains("database \"no_such_database\" does not exist"))
  }

  @Test(arguments: [
    ["up", "--nonsense"], ["nonsense"], ["up", "--lock-timeout", "soon"],
    ["up", "--lock-timeout", "-1"], ["up", "-d"], ["up", "extra"],
    ["up", "--sql-dir", "/nowhere"], [],
  ])
  func wrongUsageExitsWith1(arguments: [String]) async throws {
    let result = try await Tool.run(Tool.product("migrate"), arguments)
    #expect(result.status == 1, "\(result.error)")
    #expect(result.output == "")
    #expect(result.error.hasPrefix("migrate: error: "))
    #expect((1...2).contains(result.error.split(separator: "\n").count), "\(result.error)")
  }

  @Test func theVersionIsData() async throws {
    for argument in ["-V", "--version"] {
      let result = try await migrate(argument)
      #expect(result.status == 0 && result.error == "")
      #expect(result.output == "0.1.0\n")
    }
  }

  @Test func theURLOfTheEnvironmentIsBelowEverythingElse() async throws {
    func configuration(
      _ arguments: [String], _ environment: [String: String]
    ) throws -> PostgresConfiguration {
      try ConnectionOptions.parse(arguments).configuration { environment[$0] }
    }
    let url = ["DATABASE_URL": "postgresql://h/d"]
    #expect(try configuration([], url).conninfo == "postgresql://h/d")
    #expect(try configuration(["-d", "x"], url).conninfo == "x")
    #expect(try configuration([], url.merging(["PGSERVICE": "s"]) { $1 }).conninfo == "")
    let both = try configuration(["-h", "o"], url.merging(["PGHOST": "e", "PGPORT": "7"]) { $1 })
    #expect(both.overrides["host"] == "o" && both.overrides["port"] == "7")
    #expect(try configuration([], ["PGHOST": "e"]).overrides["host"] == nil)

    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1"])
    let stack = Stack.current
    let host = stack.postgresHost.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
    try await TestDatabase.with(.empty) { database in
      let result = try await migrate(
        "up", "--sql-dir", folder.path,
        environment: [
          "PGDATABASE": "", "PGHOST": "", "PGPORT": "", "PGUSER": "postgres",
          "DATABASE_URL": "postgresql://nobody@\(host):\(stack.postgresPort)/\(database.name)",
        ])
      #expect(result.status == 0, "\(result.error)")
    }
  }

  /// On a terminal of its own; the server trusts whatever is typed.
  @Test func thePasswordIsAskedForAndNotShown() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1"])
    try await TestDatabase.with(.empty) { database in
      let result = try await Tool.run(
        "/bin/sh",
        [
          "-c",
          #"""
          (until grep -qs Password "$3"; do sleep 0.05; done; echo hunter2) |
            script -qefc "$0 status -W -d '$1' --sql-dir $2" "$3"
          """#, Tool.product("migrate"), database.conninfo(), folder.path, "\(folder.path)/typed",
        ])
      #expect(result.output.contains("Password: "), "\(result.output)")
      #expect(result.output.contains("pending  migrations/0001_create_a.sql"), "\(result.output)")
      #expect(
        !result.output.split(separator: "Password: ").dropFirst().joined().contains("hunter2"))
    }
    let both = try await migrate("status", "-w", "-W")
    #expect(both.status == 1)
  }

  @Test(arguments: [["--help"], ["-?"], ["up", "--help"], ["up", "-?"], ["status", "--help"]])
  func helpIsData(arguments: [String]) async throws {
    let result = try await Tool.run(Tool.product("migrate"), arguments)
    #expect(result.status == 0)
    #expect(result.output.contains("USAGE: migrate"))
    #expect(result.output.contains(arguments.count == 1 ? "Exit codes" : "-h, --host"))
    #expect(result.error == "")
  }

  @Test func optionsAreThoseOfPsql() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1"])
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      let result = try await migrate(
        "up", "-h", stack.postgresHost, "-p", stack.postgresPort, "-U", "postgres", "-d",
        database.name, "-w", "--sql-dir", folder.path,
        environment: ["PGHOST": "/nowhere", "PGPORT": "1", "PGUSER": "nobody"])
      #expect(result.status == 0, "\(result.error)")
      // By the environment alone.
      let status = try await migrate(
        "status", "--check", "--sql-dir", folder.path,
        environment: ["PGDATABASE": database.name, "PGUSER": "postgres"])
      #expect(status.status == 0, "\(status.error)")
    }
  }

  @Test func serviceFilesAndURIsWork() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1"])
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      try folder.write(
        "services.conf",
        """
        [ark]
        host=\(stack.postgresHost)
        port=\(stack.postgresPort)
        user=postgres
        dbname=\(database.name)

        """)
      let byService = try await migrate(
        "up", "-d", "service=ark", "--sql-dir", folder.path,
        environment: [
          "PGSERVICEFILE": "\(folder.path)/services.conf", "PGHOST": "/nowhere", "PGPORT": "1",
        ])
      #expect(byService.status == 0, "\(byService.error)")
      let host = stack.postgresHost.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
      let byURI = try await migrate(
        "status", "--sql-dir", folder.path, "-d",
        "postgresql://postgres@\(host):\(stack.postgresPort)/\(database.name)")
      #expect(byURI.output == "applied  migrations/0001_create_a.sql\n", "\(byURI.error)")
    }
  }

  @Test func aStandardOutputThatIsClosedDoesNotKillIt() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1"])
    try await TestDatabase.with(.empty) { database in
      let result = try await Tool.run(
        "/bin/sh",
        ["-c", "(\"$0\" \"$@\"; echo $? >&2) | :", Tool.product("migrate")]
          + folder.arguments("up", database))
      #expect(result.error.hasSuffix("0\n"), "\(result.error)")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT count(*) FROM migrate.ledger") == "1")
      await connection.close()
    }
  }
}
