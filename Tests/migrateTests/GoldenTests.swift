internal import Foundation
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

  @Test func theManualPageHasEveryOptionAndExitCode() async throws {
    let page = try String(
      contentsOfFile: "\(Stack.root)/docs/man/migrate.1", encoding: .utf8)
    for command in [
      "up", "plan", "status", "history", "show", "baseline", "resume", "repair", "new", "renumber",
      "unlock",
    ] {
      #expect(page.contains("\n.It Cm \(command)\n"), "\(command)")
      let help = try await Tool.run(Tool.product("migrate"), [command, "--help"]).output
      for match in help.matches(of: /--([a-z][a-z-]+)/) {
        #expect(page.contains("-\(match.output.1)"), "\(command) --\(match.output.1)")
      }
    }
    for code in MigrateFailure.Code.allCases {
      #expect(page.contains(".It \(code.rawValue)\n") || code.rawValue >= 130, "\(code)")
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionIsThere(shell: String) async throws {
    let result = try await Tool.run(
      Tool.product("migrate"), ["--generate-completion-script", shell])
    #expect(result.status == 0)
    for word in ["renumber", "rehearse", "sql-dir"] { #expect(result.output.contains(word)) }
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
  }

  @Test func planAndRun() async throws {
    let folder = try SQLFolder(Self.files)
    try await TestDatabase.with(.empty) { database in
      let file = "\(folder.path)/plan.json"
      try expect(try await folder.migrate("plan", database, "--out", file).output, is: "plan.txt")
      try expect(try String(contentsOfFile: file, encoding: .utf8), is: "plan.json")
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

  @Test(arguments: [
    ("syntax", "CREATE TABLE b (n int);\nSELEC 1;\n"),
    ("caret", "SELECT 'ä☃',\n\tnn\nFROM a;\n"),
    (
      "raise",
      "DO $$ BEGIN\n  RAISE EXCEPTION 'no' USING ERRCODE = 'AR001', DETAIL = 'why', HINT = 'what to do';\nEND $$;\n"
    ),
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

  // MARK: The schema of the records

  private func properties() throws -> [String: [String: Any]] {
    let data = try Data(
      contentsOf: URL(fileURLWithPath: "\(Stack.root)/docs/migrate-output.schema.json"))
    let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    return try #require(schema["properties"] as? [String: [String: Any]])
  }

  @Test func theSchemaNamesEveryField() throws {
    let names = Mirror(reflecting: Record("x")).children.compactMap(\.label)
    #expect(Set(names) == Set(try properties().keys))
  }

  @Test func recordsFollowTheSchema() async throws {
    let properties = try properties()
    let folder = try SQLFolder(Self.files)
    try await TestDatabase.with(.empty) { database in
      var lines: [Substring] = []
      for command in ["plan", "up", "status", "history"] {
        lines += try await folder.migrate(command, database, "--format", "ndjson").output
          .split(separator: "\n")
      }
      try folder.write("migrations/0003_create_b.sql", "SELECT nn;")
      let failed = try await folder.migrate("up", database, "--format", "ndjson")
      #expect(failed.error.hasPrefix("migrate: error: migrations/0003_create_b.sql:1:8: ERROR"))
      lines += failed.output.split(separator: "\n")
      #expect(lines.count > 12)
      for line in lines {
        let record = try #require(
          try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(record["schema"] as? Int == 1 && record["event"] is String, "\(line)")
        for (key, value) in record {
          let type = properties[key]?["type"] as? String
          let fits =
            switch type {
            case "string": value is String
            case "integer": value is Int
            case "number": value is Double
            case "boolean": value is Bool
            case "array": value is [Any]
            case "object": value is [String: Any]
            default: false
            }
          #expect(fits, "\(key) is no \(type ?? "field of the schema"): \(line)")
        }
      }
      let last = try #require(lines.last)
      #expect(
        last.contains(#""code":3"#) && last.contains(#""sqlstate":"42703""#)
          && last.contains(#""line":1"#), "\(last)")
      // json: one document, also when it fails.
      let document = try await folder.migrate("up", database, "--format", "json")
      let events = try JSONDecoder().decode(
        OutputFormat.Document.self, from: Data(document.output.utf8)
      ).events
      #expect(events.last?.code == 3)
    }
  }
}
