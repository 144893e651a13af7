internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Options and arguments, help, and what becomes of the output.
@Suite(.timeLimit(.minutes(3))) struct UsageTests {
  private func migrate(
    _ arguments: String..., environment: [String: String] = [:]
  ) async throws -> Tool.Result {
    try await Tool.run(Tool.product("migrate"), arguments, environment: environment)
  }

  @Test(arguments: [
    ["up", "--nonsense"], ["nonsense"], ["up", "--lock-timeout", "soon"],
    ["up", "--lock-timeout", "-1"], ["history", "--last", "-1"], ["history", "--last", "0"],
    ["up", "-d"], ["up", "extra"],
    ["up", "--sql-dir", "/nowhere"], [],
    // Others would see it in the list of processes.
    ["up", "--password=secret"], ["up", "--rehearse", "--prune"], ["up", "--to", "1", "--prune"],
  ])
  func wrongUsageExitsWith1(arguments: [String]) async throws {
    let result = try await Tool.run(Tool.product("migrate"), arguments)
    #expect(result.status == 1, "\(result.error)")
    #expect(result.output == "")
    #expect(result.error.hasPrefix("migrate: error: "))
    #expect((1...3).contains(result.error.split(separator: "\n").count), "\(result.error)")
  }

  /// Of each is told what is true, and what to do, before anything is looked at.
  @Test(arguments: [
    (["show", "99"], "no file 99"), (["repair", "99", "--reason", "r"], "no file 99"),
    (["resume"], "no file is applied in part"),
    (["repair", "1", "--reason", "r"], "migrations/0001_create_a.sql was not applied"),
    (["renumber", "7"], "no file 7"), (["baseline", "--at", "5"], "no file has the number 5"),
    (["up", "--to", "5"], "no file has the number 5"),
    (["up", "--plan", "/nowhere/plan"], "cannot read /nowhere/plan: No such file or directory"),
    (["up", "--plan", "/dev/null"], "/dev/null is no plan of this version of migrate"),
  ])
  func whatIsNotThereIsToldWithTheNextStep(words: [String], message: String) async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1"])
    try await TestDatabase.with(.empty) { database in
      let result = try await Tool.run(
        Tool.product("migrate"), folder.arguments(words[0], database) + words.dropFirst())
      #expect(result.status == 1 && result.output == "")
      let lines = result.error.split(separator: "\n")
      #expect(lines.count == 3 && lines[0] == "migrate: error: \(message)", "\(result.error)")
      #expect(lines.dropFirst().first?.hasPrefix("NOW: nothing was ") == true, "\(result.error)")
      #expect(lines.last?.hasPrefix("HINT: ") == true, "\(result.error)")
    }
  }

  @Test func theVersionIsData() async throws {
    for arguments in [["-V"], ["--version"], ["up", "-V"], ["status", "-d", "x", "-V"]] {
      let result = try await Tool.run(Tool.product("migrate"), arguments)
      #expect(result.status == 0 && result.error == "")
      #expect(result.output == "0.1.0\n")
    }
  }

  @Test(arguments: [["--help"], ["-?"], ["up", "--help"], ["up", "-?"], ["status", "--help"]])
  func helpIsData(arguments: [String]) async throws {
    let result = try await Tool.run(Tool.product("migrate"), arguments)
    #expect(result.status == 0)
    #expect(result.output.contains("USAGE: migrate"))
    #expect(result.output.contains(arguments.count == 1 ? "Exit codes" : "-h, --host"))
    #expect(result.error == "")
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

  @Test func aStandardOutputThatIsFullIsAnError() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1"])
    try await TestDatabase.with(.empty) { database in
      for format in ["human", "json", "ndjson"] {
        let result = try await Tool.run(
          "/bin/sh",
          ["-c", "\"$0\" \"$@\" >/dev/full", Tool.product("migrate")]
            + folder.arguments("status", database, "--format", format))
        #expect(result.status == 1)
        #expect(
          result.error.hasPrefix(
            "migrate: error: cannot write to standard output: No space left on device\n"),
          "\(result.error)")
      }
    }
  }

  /// What is no error is not told then.
  @Test func quietIsQuiet() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0001_create_a.sql", "SELECT  1 -- one")
      for option in ["-q", "--quiet"] {
        let quiet = try await folder.migrate("up", database, option)
        #expect(quiet.status == 0 && quiet.output == "" && quiet.error == "", "\(quiet.error)")
      }
      #expect(try await folder.migrate("up", database).error.contains("comments or white space"))
      let connection = try await database.connect()
      try await connection.query("SELECT pg_advisory_lock(x'6d696772617465'::bigint)")
      let waiting = try await folder.migrate("up", database, "--quiet", "--lock-timeout", "0")
      #expect(waiting.status == 5)
      #expect(waiting.error.hasPrefix("migrate: error: another runner holds the lock"))
      await connection.close()
    }
  }

  @Test(
    arguments: [
      (["PG_COLOR": "always", "NO_COLOR": ""], true),
      (["PG_COLOR": "always", "NO_COLOR": "1"], false),
      (["PG_COLOR": "never", "NO_COLOR": ""], false),
      (["PG_COLOR": "auto", "NO_COLOR": ""], false),
    ] as [([String: String], Bool)])
  func errorsAreRedWhereThatIsWanted(environment: [String: String], isRed: Bool) async throws {
    let result = try await Tool.run(
      Tool.product("migrate"), ["nonsense"], environment: environment)
    #expect(
      result.error.hasPrefix(isRed ? "\u{1B}[31mmigrate: error:\u{1B}[0m " : "migrate: error: "))
    #expect(result.error.contains("\u{1B}") == isRed)
  }

  /// Standard error decides: that is where they are written.
  @Test(
    arguments: [
      (["PG_COLOR": "auto", "NO_COLOR": ""], "", true),
      (["PG_COLOR": "", "NO_COLOR": ""], "", true),
      (["PG_COLOR": "never", "NO_COLOR": ""], "", false),
      (["PG_COLOR": "auto", "NO_COLOR": "1"], "", false),
      (["PG_COLOR": "auto", "NO_COLOR": ""], " 2>&1 | cat", false),
      (["PG_COLOR": "auto", "NO_COLOR": ""], " | cat", true),
    ] as [([String: String], String, Bool)])
  func onATerminalErrorsAreRed(
    environment: [String: String], elsewhere: String, isRed: Bool
  ) async throws {
    let folder = try SQLFolder()
    let result = try await Tool.run(
      "/bin/sh",
      [
        "-c", "script -qec \"$0\" \"$1\" </dev/null",
        "'\(Tool.product("migrate"))' nonsense\(elsewhere)", "\(folder.path)/log",
      ], environment: environment)
    #expect(
      result.output.hasPrefix(isRed ? "\u{1B}[31mmigrate: error:\u{1B}[0m " : "migrate: error: "),
      "\(result.output)")
    #expect(result.output.contains("\u{1B}") == isRed, "\(result.output)")
  }

  /// A line that went over the edge of the terminal would stay there.
  @Test func progressFitsTheTerminal() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT pg_sleep(1.5);"])
    try await TestDatabase.with(.empty) { database in
      let command = ([Tool.product("migrate")] + folder.arguments("up", database))
        .map { "'\($0)'" }.joined(separator: " ")
      let result = try await Tool.run(
        "/bin/sh",
        [
          "-c", "script -qec \"$0\" \"$1\" </dev/null", "stty cols 40; \(command)",
          "\(folder.path)/log",
        ])
      let lines = result.output.split(separator: "\r\u{1B}[K").filter {
        $0.hasPrefix("migrations/0001_create_a.sql:1  ")
      }
      #expect(!lines.isEmpty && lines.allSatisfy { $0.count <= 39 }, "\(result.output)")
    }
  }

  /// It serves any project: no schema, role or setting of this one is in it.
  @Test func nothingInItKnowsThisProject() throws {
    for target in ["migrate", "SQLScript"] {
      let folder = "\(Stack.root)/Sources/\(target)"
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
        let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
        let known = text.matches(
          of:
            /\b(core|config|auth|provisioning|finops|api|admin)\.[a-z_]+|\bark_[a-z]+|\bapp\.current_/
        )
        #expect(known.map { String($0.output.0) } == [], "\(name)")
      }
    }
  }
}
