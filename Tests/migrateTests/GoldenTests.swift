internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import migrate

/// What people and programs read, against `Tests/Golden/migrate`. With ARK_ACCEPT=1 the files are written
/// anew.
@Suite(.timeLimit(.minutes(3))) struct GoldenTests {
  private static let folder = "\(Stack.root)/Tests/Golden/migrate"

  private func expect(
    _ text: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let path = "\(Self.folder)/\(name)"
    if ProcessInfo.processInfo.environment["ARK_ACCEPT"] == "1" {
      try FileManager.default.createDirectory(
        atPath: Self.folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return
    }
    let golden = try String(contentsOfFile: path, encoding: .utf8)
    #expect(
      text == golden, "\(name) differs; ARK_ACCEPT=1 writes it", sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    "", "up", "plan", "status", "history", "show", "baseline", "resume", "repair", "new",
    "renumber",
    "unlock",
  ])
  func help(command: String) async throws {
    let result = try await Tool.run(
      Tool.product("migrate"), command.isEmpty ? ["--help"] : [command, "--help"],
      environment: ["COLUMNS": "80"])
    #expect(result.status == 0)
    try expect(result.output, is: command.isEmpty ? "help.txt" : "help-\(command).txt")
  }

  private static let files = [
    "migrations/0001_create_a.sql": "CREATE TABLE a (n int PRIMARY KEY);\n",
    "migrations/0002_index_a.sql":
      "-- migrate: no-transaction, lock_timeout=10s\nCREATE INDEX CONCURRENTLY a_n ON a (n);\nVACUUM a;\n",
    "v/v.sql": "CREATE OR REPLACE VIEW v AS SELECT n FROM a;\n", "MANIFEST": "v\n",
  ]

  /// Without what differs from run to run.
  private func plain(_ text: String) -> String {
    text.replacing(/(illiseconds"? ?: ?)[0-9.]+/) { "\($0.output.1)0" }
      .replacing(/[0-9]+\.[0-9]+ ms/, with: "N ms")
      .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/, with: "2026-01-01T00:00:00Z")
      .replacing(/"host":"[^"]*"/, with: "\"host\":\"h\"")
      .replacing(/("cluster" : )"[0-9]+"/) { "\($0.output.1)\"7\"" }
      .replacing(/test_[0-9a-f]{32}/, with: "test")
  }

  @Test func planAndRun() async throws {
    let folder = try SQLFolder(Self.files)
    try await TestDatabase.with(.empty) { database in
      let file = "\(folder.path)/plan.json"
      try expect(try await folder.migrate("plan", database, "--out", file).output, is: "plan.txt")
      try expect(plain(try String(contentsOfFile: file, encoding: .utf8)), is: "plan.json")
      try expect(
        try await folder.migrate("plan", database, "--format", "ndjson").output, is: "plan.ndjson")
      try expect(
        plain(try await folder.migrate("up", database, "--format", "ndjson").output),
        is: "up.ndjson")
      try expect(
        plain(try await folder.migrate("status", database, "--format", "json").output),
        is: "status.json")
      try expect(
        plain(try await folder.migrate("history", database, "--format", "ndjson").output),
        is: "history.ndjson")
    }
  }

  /// Those that are no statement's.
  @Test func errorsOutsideOfStatements() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1;\n"])
    func expect(_ result: Tool.Result, is name: String) throws {
      try self.expect(plain("exit \(result.status)\n\(result.error)"), is: "error-\(name).txt")
    }
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        "DO $$ BEGIN CREATE ROLE test_migrate_poor LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$"
      )
      try expect(
        try await Tool.run(
          Tool.product("migrate"),
          ["up", "-d", database.conninfo(user: "test_migrate_poor"), "--sql-dir", folder.path]),
        is: "no-right")
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0001_create_a.sql", "SELECT 2;\n")
      try expect(try await folder.migrate("up", database), is: "edited")
      try folder.write("migrations/0001_create_a.sql", "SELECT 1;\n")
      try folder.write("migrations/0000001_create_b.sql", "SELECT 1;\n")
      try expect(try await folder.migrate("up", database), is: "same-number")
      try folder.remove("migrations/0001_create_a.sql")
      try folder.remove("migrations/0000001_create_b.sql")
      try expect(try await folder.migrate("up", database), is: "newer")
      await connection.close()
    }
    try expect(
      try await Tool.run(
        Tool.product("migrate"),
        ["up", "-d", "host=/nowhere port=5 dbname=d user=u", "--sql-dir", folder.path]),
      is: "no-server")
  }

  @Test func everyErrorSaysWhatIsTrueAndWhatToDo() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
      .filter { $0.hasPrefix("error-") }
    #expect(names.count > 10)
    for name in names {
      let text = try String(contentsOfFile: "\(Self.folder)/\(name)", encoding: .utf8)
      #expect(text.contains(/\nNOW: .+/), "\(name)")
      #expect(text.contains(/\nHINT: |run migrate up again|: migrate resume\n/), "\(name)")
    }
  }

  @Test(arguments: [
    ("syntax", "CREATE TABLE b (n int);\nSELEC 1;\n"),
    ("caret", "SELECT 'ä☃',\n\tnn\nFROM a;\n"),
    (
      "raise",
      "DO $$ BEGIN\n  RAISE EXCEPTION 'no' USING ERRCODE = 'AR001', DETAIL = 'why', HINT = 'what to do';\nEND $$;\n"
    ),
    ("dynamic", "DO $$ BEGIN\n  EXECUTE 'SELECT 1;\n  SELEC 1 FROM a';\nEND $$;\n"),
    ("copy", "CREATE TABLE b (n int);\nCOPY b FROM stdin;\n1\nx\n\\.\n"),
    ("meta-command", "\\i other.sql\n"),
    ("commit", "SELECT 1;\nCOMMIT;\n"),
    ("unterminated", "SELECT $a$;\n"),
    ("partial", "-- migrate: no-transaction\nCREATE TABLE b (n int);\nSELECT 1 / 0;\n"),
  ])
  func errors(name: String, text: String) async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);\n",
      "migrations/0002_change_a.sql": text,
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      try expect("exit \(result.status)\n\(result.error)", is: "error-\(name).txt")
    }
  }
}
