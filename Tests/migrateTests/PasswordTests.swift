internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import migrate

/// Passwords: asked for on a terminal, found by libpq, never an argument.
@Suite(.timeLimit(.minutes(3))) struct PasswordTests {
  /// A login that must name its password over TCP. A superuser: rights.sql tries every other login of the
  /// cluster, and this one comes and goes.
  private func withLogin(
    _ body: (_ database: TestDatabase, _ conninfo: String, _ login: String) async throws -> Void
  ) async throws {
    let login = "r\(UInt32.random(in: 0...UInt32.max))"
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.query("CREATE ROLE \(login) LOGIN SUPERUSER PASSWORD 'it''s:secret'")
      let conninfo =
        "host=127.0.0.1 port=\(Stack.current.postgresPort) dbname=\(database.name) user=\(login) sslmode=disable"
      do {
        try await body(database, conninfo, login)
      } catch {
        _ = try? await connection.query("DROP OWNED BY \(login) CASCADE")
        _ = try? await connection.query("DROP ROLE \(login)")
        throw error
      }
      try await connection.query("DROP OWNED BY \(login) CASCADE")
      try await connection.query("DROP ROLE \(login)")
      await connection.close()
    }
  }

  /// What a terminal shows of `migrate status`, its exit status, and the terminal's settings behind it.
  /// - Parameter keys: What is typed when the password is asked for; `nil`: nobody is there.
  private func onTerminal(
    _ arguments: [String], typing keys: String?, folder: SQLFolder
  ) async throws -> String {
    let log = "\(folder.path)/typed-\(UUID().uuidString)"
    let command = ([Tool.product("migrate"), "status", "--sql-dir", folder.path] + arguments)
      .map { "'\($0)'" }.joined(separator: " ")
    let typing =
      keys == nil
      ? ":"
      : "(i=0; until grep -qs 'Password: ' \"$1\" || [ $i -gt 900 ]; do sleep 0.05; i=$((i + 1)); done; printf \"$2\")"
    let result = try await Tool.run(
      "/bin/sh",
      [
        "-c", "\(typing) | script -E always -qefc \"$0\" \"$1\"",
        "\(command); echo status $?; stty -a", log, keys ?? "",
      ], environment: ["PGPASSWORD": "", "PGPASSFILE": "/dev/null", "NO_COLOR": "", "PG_COLOR": ""])
    return result.output
  }

  private static let files = ["migrations/0001_create_a.sql": "SELECT 1"]

  @Test func thePasswordIsAskedForAndNotShown() async throws {
    let folder = try SQLFolder(Self.files)
    try await withLogin { (_, conninfo, _) async throws in
      // Before connecting, and when the server wants one.
      for arguments in [["-W", "-d", conninfo], ["-d", conninfo]] {
        // Backspace takes a character back.
        let right = try await onTerminal(
          arguments, typing: "it's:secretx\\177\\n", folder: folder)
        #expect(right.contains("pending  migrations/0001_create_a.sql"), "\(right)")
        #expect(right.contains("status 0"), "\(right)")
        #expect(!right.contains("secret"), "\(right)")
        #expect(right.contains(" echo "), "\(right)")
        let wrong = try await onTerminal(arguments, typing: "wrong\\n", folder: folder)
        #expect(wrong.contains("password authentication failed"), "\(wrong)")
        #expect(wrong.contains("status 2"), "\(wrong)")
        // On a terminal, in red.
        #expect(wrong.contains("\u{1B}[31mmigrate: error:\u{1B}[0m"), "\(wrong)")
      }
    }
  }

  /// A terminal without echo is one that has to be closed.
  @Test(arguments: ["\\003", "x\\003"]) func controlCLeavesTheTerminalAsItWas(keys: String)
    async throws
  {
    let folder = try SQLFolder(Self.files)
    let shown = try await onTerminal(["-W", "-d", "host=/nowhere"], typing: keys, folder: folder)
    #expect(shown.contains("stopped at the password"), "\(shown)")
    #expect(shown.contains("status 130"), "\(shown)")
    #expect(shown.contains(" echo ") && shown.contains(" icanon "), "\(shown)")
  }

  @Test func withoutPromptItIsNotAskedFor() async throws {
    let folder = try SQLFolder(Self.files)
    try await withLogin { (_, conninfo, login) async throws in
      for option in ["-w", "--no-password"] {
        let refused = try await onTerminal([option, "-d", conninfo], typing: nil, folder: folder)
        #expect(!refused.contains("Password: "), "\(refused)")
        #expect(refused.contains("no password supplied"), "\(refused)")
        #expect(refused.contains("status 2"), "\(refused)")
      }

      try folder.write(".pgpass", "127.0.0.1:*:*:\(login):it's\\:secret\n")
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o600], ofItemAtPath: "\(folder.path)/.pgpass")
      for environment in [
        ["PGPASSWORD": "it's:secret"], ["PGPASSFILE": "\(folder.path)/.pgpass"],
        ["HOME": folder.path],
      ] {
        let result = try await Tool.run(
          Tool.product("migrate"), ["status", "-w", "-d", conninfo, "--sql-dir", folder.path],
          environment: environment)
        #expect(result.status == 0, "\(result.error)")
      }
    }
    let both = try await Tool.run(Tool.product("migrate"), ["status", "-w", "-W"])
    #expect(both.status == 1)
  }

  /// Whoever comes over the network is known by the address, everywhere.
  @Test func theAddressIsToldWhereItComesFrom() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT pg_sleep(60);"])
    try await withLogin { (database, conninfo, login) async throws in
      let environment = ["PGPASSWORD": "it's:secret"]
      let process = try DaemonProcess(
        Tool.product("migrate"), ["up", "-d", conninfo, "--sql-dir", folder.path],
        environment: environment)
      let connection = try await database.connect()
      try await eventually("\(process.log)") {
        try await connection.value(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        ) == "1"
      }
      let shown = try await folder.migrate("unlock", database)
      #expect(shown.error.contains(", \(login) at 127.0.0.1, connected for "), "\(shown.error)")
      #expect(try await process.stop(SIGINT) == 130)
      try folder.write("migrations/0001_create_a.sql", "SELECT 1;")
      let up = try await Tool.run(
        Tool.product("migrate"), ["up", "-d", conninfo, "--sql-dir", folder.path],
        environment: environment)
      #expect(up.status == 0, "\(up.error)")
      #expect(
        try await connection.value("SELECT login || ' ' || host(client) FROM migrate.ledger")
          == "\(login) 127.0.0.1")
      await connection.close()
    }
  }

  @Test func keysMakeAPassword() {
    func typed(_ text: String) -> (String, PasswordLine.Action) {
      var line = PasswordLine()
      var action = PasswordLine.Action.more
      for byte in text.utf8 where action == .more { action = line.type(byte) }
      return (line.text, action)
    }
    #expect(typed("geheim\n") == ("geheim", .done))
    #expect(typed("aä\u{7F}\u{8}bc\r") == ("bc", .done))
    #expect(typed("wrong\u{15}right\n") == ("right", .done))
    #expect(typed("ab") == ("ab", .more))
    #expect(typed("ab\u{3}c\n") == ("ab", .interrupted))
    #expect(typed("\u{4}").1 == .interrupted)
    #expect(typed("a\u{4}b\n") == ("ab", .done))
  }
}
