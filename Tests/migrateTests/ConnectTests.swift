internal import ArgumentParser
internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import migrate

/// Where the database is, as psql is told it.
@Suite(.timeLimit(.minutes(3))) struct ConnectTests {
  private func migrate(
    _ arguments: String..., environment: [String: String] = [:]
  ) async throws -> Tool.Result {
    try await Tool.run(Tool.product("migrate"), arguments, environment: environment)
  }

  @Test func aServerThatIsNotThereIsToldInThreeLines() async throws {
    let folder = try SQLFolder()
    let result = try await migrate(
      "up", "-h", "/nowhere", "-p", "5", "--sql-dir", folder.path,
      environment: ["PGHOST": "", "PGPORT": ""])
    #expect(result.status == 2)
    #expect(result.output == "")
    let lines = result.error.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("migrate: error: connection to server on socket \"/nowhere/"))
    #expect(lines[1] == "NOW: nothing was done.")
    #expect(lines[2].hasPrefix("HINT: say where the server is"))
    let database = try await migrate(
      "status", "--sql-dir", folder.path, environment: ["PGDATABASE": "no_such_database"])
    #expect(database.status == 2)
    #expect(database.error.contains("database \"no_such_database\" does not exist"))
  }

  @Test func theURLOfTheEnvironmentIsBelowEverythingElse() async throws {
    func parameters(
      _ arguments: [String], _ environment: [String: String]
    ) throws -> [String: String] {
      try ConnectionOptions.parse(arguments).configuration { environment[$0] }.overrides
    }
    let url = ["DATABASE_URL": "postgresql://h:5/d?hostaddr=192.0.2.1&sslmode=require"]
    let alone = try parameters([], url)
    #expect(alone["host"] == "h" && alone["port"] == "5" && alone["dbname"] == "d")
    #expect(alone["hostaddr"] == "192.0.2.1")
    #expect(try parameters(["-d", "x"], url)["host"] == nil)
    #expect(try parameters([], url.merging(["PGSERVICE": "s"]) { $1 })["host"] == nil)
    let both = try parameters(["-h", "o"], url.merging(["PGHOST": "e", "PGPORT": "7"]) { $1 })
    #expect(both["host"] == "o" && both["port"] == "7" && both["hostaddr"] == nil)
    // An address of the URL's host is none of another host's.
    #expect(try parameters([], url.merging(["PGHOST": "e"]) { $1 })["hostaddr"] == nil)
    #expect(
      try parameters([], url.merging(["PGHOST": "e", "PGHOSTADDR": "192.0.2.2"]) { $1 })["hostaddr"]
        == "192.0.2.2")
    // Every variable of libpq's.
    let other = try parameters(
      [],
      url.merging([
        "PGSSLMODE": "disable", "PGSSLROOTCERT": "/r", "PGCHANNELBINDING": "disable",
        "PGTARGETSESSIONATTRS": "any", "PGCONNECT_TIMEOUT": "9",
      ]) { $1 })
    #expect(other["sslmode"] == "disable" && other["sslrootcert"] == "/r")
    #expect(other["channel_binding"] == "disable" && other["target_session_attrs"] == "any")
    #expect(other["connect_timeout"] == "9")
    #expect(try parameters([], ["PGHOST": "e"])["host"] == nil)

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
    let wrong = try await migrate(
      "up", "--sql-dir", folder.path,
      environment: ["PGDATABASE": "", "DATABASE_URL": "postgresql://h/d?nonsense=1"])
    #expect(wrong.status == 2)
    #expect(wrong.error.hasPrefix("migrate: error: the connection string: "), "\(wrong.error)")
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
      let joined = try await migrate(
        "status", "-h\(stack.postgresHost)", "-p\(stack.postgresPort)", "-Upostgres",
        "-d\(database.name)", "-vx=1", "--check", "--sql-dir", folder.path)
      #expect(joined.status == 0, "\(joined.error)")
      let long = try await migrate(
        "status", "--host=\(stack.postgresHost)", "--port", stack.postgresPort,
        "--username=postgres", "--dbname", database.name, "--set", "x=1", "--check", "--sql-dir",
        folder.path)
      #expect(long.status == 0, "\(long.error)")
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

  /// Settings of the connection string, the URI, the service file or PGOPTIONS hold; ours come behind.
  @Test(arguments: ["conninfo", "uri", "service", "PGSERVICE", "PGOPTIONS", "DATABASE_URL"])
  func settingsOfTheConnectionHold(way: String) async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql":
        "CREATE TABLE a AS SELECT current_setting('work_mem') AS m, current_setting('lock_timeout') AS t;"
    ])
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      let host = stack.postgresHost.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
      let uri =
        "postgresql://postgres@\(host):\(stack.postgresPort)/\(database.name)?options=-c%20work_mem%3D77MB"
      try folder.write(
        "services.conf",
        """
        [ark]
        host=\(stack.postgresHost)
        port=\(stack.postgresPort)
        user=postgres
        dbname=\(database.name)
        options=-c work_mem=77MB

        """)
      var environment = ["PGSERVICEFILE": "\(folder.path)/services.conf"]
      var arguments = ["up", "--sql-dir", folder.path]
      switch way {
      case "conninfo": arguments += ["-d", "\(database.conninfo()) options='-c work_mem=77MB'"]
      case "uri": arguments += ["-d", uri]
      case "service": arguments += ["-d", "service=ark"]
      case "PGSERVICE": environment["PGSERVICE"] = "ark"
      case "PGOPTIONS":
        arguments += ["-d", database.conninfo()]
        environment["PGOPTIONS"] = "-c work_mem=77MB"
      default: environment["DATABASE_URL"] = uri
      }
      if way == "PGSERVICE" || way == "DATABASE_URL" {
        for name in ["PGHOST", "PGPORT", "PGDATABASE", "PGUSER"] { environment[name] = "" }
      }
      let result = try await Tool.run(
        Tool.product("migrate"), arguments, environment: environment)
      #expect(result.status == 0, "\(result.error)")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT m || ' ' || t FROM a") == "77MB 3s")
      await connection.close()
    }
  }

  @Test func ofSeveralHostsTheFirstThatIsThereIsTaken() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1"])
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      let result = try await migrate(
        "up", "--sql-dir", folder.path, "-d",
        "host=/nowhere,\(stack.postgresHost) port=1,\(stack.postgresPort) user=postgres dbname=\(database.name)"
      )
      #expect(result.status == 0, "\(result.error)")
    }
  }
}
