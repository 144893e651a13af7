internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import migrate

/// What programs read, held to docs/migrate-output.schema.json by a validator of JSON Schema (2020-12).
@Suite(.timeLimit(.minutes(3))) struct OutputSchemaTests {
  private static let schema = "\(Stack.root)/docs/migrate-output.schema.json"

  private struct Document: Decodable {
    var schema: Int
    var events: [Record]
  }

  /// Every line that is no record by the schema, with the reason.
  private func wrong(_ lines: [String]) async throws -> [String] {
    let folder = try SQLFolder([
      "records": lines.joined(separator: "\n"),
      "validate.py": """
      import json, sys
      from jsonschema import Draft202012Validator as Validator
      schema = json.load(open(sys.argv[1]))
      Validator.check_schema(schema)
      validator = Validator(schema)
      for line in open(sys.argv[2]):
          for error in validator.iter_errors(json.loads(line)):
              print(error.json_path, error.message, line.strip())
      """,
    ])
    let result = try await Tool.run(
      "/usr/bin/python3", ["\(folder.path)/validate.py", Self.schema, "\(folder.path)/records"])
    try #require(result.status == 0, "\(result.error)")
    return result.output.split(separator: "\n").map(String.init)
  }

  @Test func theSchemaNamesEveryField() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: Self.schema))
    let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let properties = try #require(schema["properties"] as? [String: Any])
    let names = Mirror(reflecting: Record("x")).children.compactMap(\.label)
    #expect(Set(names) == Set(properties.keys))
  }

  @Test(arguments: [
    #"{"schema":1,"event":"nonsense"}"#, #"{"schema":2,"event":"file"}"#, #"{"event":"file"}"#,
    #"{"schema":1,"event":"file","number":"1"}"#, #"{"schema":1,"event":"file","unknown":1}"#,
    #"{"schema":1,"event":"file","locks":[{"table":"a"}]}"#,
    #"{"schema":1,"event":"error","error":{"path":"a","severity":"ERROR"}}"#,
  ])
  func whatIsNoRecordIsFound(line: String) async throws {
    #expect(try await wrong([#"{"schema":1,"event":"file"}"#, line]).count == 1)
  }

  /// Runs a command to its end.
  /// - Returns: The records that it prints.
  private func printed(
    _ folder: SQLFolder, _ database: TestDatabase, _ command: String, _ more: [String],
    status: Int32
  ) async throws -> [String] {
    let result = try await Tool.run(
      Tool.product("migrate"),
      [command, "-d", database.conninfo(), "--sql-dir", folder.path, "--format", "ndjson"] + more)
    #expect(result.status == status, "\(command): \(result.error)")
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(!lines.isEmpty, "\(command): \(result.error)")
    return lines
  }

  @Test func theOtherCommandsFollowItToo() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);\n"])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.query("CREATE TABLE a (n int)")
      var lines: [String] = []
      func run(_ command: String, _ more: String..., status: Int32 = 0) async throws {
        lines += try await printed(folder, database, command, more, status: status)
      }
      try await run("baseline", "--at", "1", "--reason", "made by hand")
      try folder.write("migrations/0001_create_a.sql", "CREATE TABLE a (n integer);\n")
      try await run("repair", "migrations/0001_create_a.sql", "--reason", "the same")
      try folder.write("migrations/0001_alter_a.sql", "ALTER TABLE a ADD m int;\n")
      try await run("renumber", "migrations/0001_alter_a.sql")
      try await run("unlock")
      let made = try await Tool.run(
        Tool.product("migrate"),
        ["new", "create_b", "--sql-dir", folder.path, "--format", "ndjson"])
      #expect(
        made.output
          == #"{"event":"file","number":3,"path":"migrations/0003_create_b.sql","schema":1,"state":"made"}"#
          + "\n", "\(made.error)")
      lines.append(made.output.trimmingCharacters(in: .newlines))
      try await connection.execute("BEGIN; LOCK TABLE a")
      try await run("up", "--rehearse", status: 9)
      await connection.close()
      #expect(try await wrong(lines) == [])
      let record = try JSONDecoder().decode(Record.self, from: Data(lines.last!.utf8))
      #expect(record.code == 9 && record.error?.sqlstate == "55P03")
    }
  }

  /// Every event that there is, as it happens.
  @Test func recordsFollowTheSchema() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int PRIMARY KEY);\n",
      "migrations/0002_index_a.sql":
        "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY a_n ON a (n);\nSELECT 1 / 0;\n",
      "v/v.sql": "CREATE OR REPLACE VIEW v AS SELECT n FROM a;\n", "MANIFEST": "v\n",
      "checks.sql":
        "SELECT 'warning' AS severity, 'c' AS check, 'o' AS object, 'f' AS fix FROM a LIMIT 1;",
    ])
    try await TestDatabase.with(.empty) { database in
      var lines: [String] = []
      func run(_ command: String, _ more: String..., status: Int32 = 0) async throws {
        lines += try await printed(folder, database, command, more, status: status)
      }
      let connection = try await database.connect()
      try await run("plan")
      try await run("up", "--rehearse", "--to", "1")
      try await run("up", status: 10)
      try await run("status")
      try folder.write(
        "migrations/0002_index_a.sql",
        "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY a_n ON a (n);\nDO $$ BEGIN RAISE WARNING 'w'; END $$;\nCREATE INDEX CONCURRENTLY a_m ON a (n);\n"
      )
      try await connection.execute("CREATE INDEX a_m ON a (n); INSERT INTO a VALUES (1)")
      try await run("resume")
      try await run("show", "v/v.sql")
      try await run("history")
      try folder.write("migrations/0001_create_a.sql", "CREATE  TABLE a (n int PRIMARY KEY);\n")
      try folder.write("v/v.sql", "CREATE OR REPLACE VIEW w AS SELECT n FROM a;\n")
      try await run("up")
      try await run("up", "--prune")
      try folder.write("migrations/0003_alter_a.sql", "ALTER TABLE a ADD m int;")
      try folder.write("migrations/0004_create_b.sql", "SELECT nn;")
      try await connection.execute("BEGIN; LOCK TABLE a")
      let process = try DaemonProcess(
        Tool.product("migrate"), folder.arguments("up", database, "--format", "ndjson"))
      try await process.waitForLine("attempt 2 of")
      try await connection.query("COMMIT")
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 3, "\(process.log)")
      lines += process.lines.filter { $0.hasPrefix("{") }
      await connection.close()

      #expect(try await wrong(lines) == [])
      let records = try lines.map { try JSONDecoder().decode(Record.self, from: Data($0.utf8)) }
      let text = try String(contentsOfFile: Self.schema, encoding: .utf8)
      let named = try #require(text.firstMatch(of: /"event": .*"enum": \[([^\]]*)\]/)).1
        .split(separator: ", ").map { String($0.dropFirst().dropLast()) }
      #expect(Set(records.map(\.event)) == Set(named))
      let last = try #require(records.last)
      #expect(last.code == 3 && last.error?.sqlstate == "42703" && last.error?.line == 1)
      #expect(last.now?.hasPrefix("migrations/0004_create_b.sql rolled back; ") == true)

      // json: one document, also when it fails.
      let document = try await folder.migrate("up", database, "--format", "json")
      let decoded = try JSONDecoder().decode(Document.self, from: Data(document.output.utf8))
      #expect(decoded.schema == 1 && decoded.events.last?.code == 3)
      #expect(try await wrong(decoded.events.map { OutputFormat.line($0) }) == [])
    }
  }

  /// Also where the command line cannot be read, in which the format stands.
  @Test(arguments: [
    ["up", "--format", "json", "--nonsense"], ["up", "--nonsense", "--format=ndjson"],
    ["up", "--format", "ndjson", "--quiet", "--lock-timeout", "soon"],
    ["up", "--format", "ndjson", "--format", "json", "extra"], ["nonsense", "--format", "ndjson"],
    ["--format=json"], ["history", "--last", "0", "--format", "json"],
    ["resume", "--skip", "--format", "ndjson"], ["new", "Create", "--format", "json"],
    ["up", "--format", "json", "--sql-dir", "/nowhere"],
    ["up", "--format", "json", "--format", "yaml"], ["up", "--format", "ndjson", "-d"],
  ])
  func errorsOfUsageAreInTheDocument(arguments: [String]) async throws {
    let result = try await Tool.run(Tool.product("migrate"), arguments)
    #expect(result.status == 1)
    #expect(result.error.hasPrefix("migrate: error: "))
    var lines = result.output.split(separator: "\n").map(String.init)
    if lines.first?.hasSuffix("[") == true {
      let document = try JSONDecoder().decode(Document.self, from: Data(result.output.utf8))
      lines = document.events.map { OutputFormat.line($0) }
    }
    #expect(try await wrong(lines) == [])
    let records = try lines.map { try JSONDecoder().decode(Record.self, from: Data($0.utf8)) }
    #expect(records.map(\.event) == ["error"])
    let error = try #require(records.first)
    #expect(error.code == 1)
    #expect(result.error.contains("HINT: \(try #require(error.next))"))
    #expect(result.error.hasPrefix("migrate: error: \(error.message ?? "")\n"))
  }

  /// Help, and the version, are data of their own; what only looks like the format is none.
  @Test(arguments: [
    ["up", "--help", "--format", "json"], ["up", "--format", "json", "-V"],
    ["up", "--", "--format", "json"], ["up", "--format", "yaml"], ["up", "--format"],
  ])
  func whereNoDocumentIsAskedForThereIsNone(arguments: [String]) async throws {
    let result = try await Tool.run(Tool.product("migrate"), arguments)
    #expect(result.output == "" || !result.output.contains("\"schema\""), "\(result.output)")
  }
}
