internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import migrate

/// `checks.sql`, which `migrate up` asks at the end.
@Suite(.timeLimit(.minutes(2))) struct ChecksTests {
  private static let table = ["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"]

  private func folder(_ checks: String) throws -> SQLFolder {
    try SQLFolder(Self.table.merging(["checks.sql": checks]) { $1 })
  }

  /// The project's own questions: the audit.
  @Test func theProjectsOwnChecksAskTheAudit() async throws {
    try await TestDatabase.with(.migrated) { database in
      let up = ["up", "-d", database.conninfo(), "--sql-dir", "\(Stack.root)/sql"]
      #expect(try await Tool.run(Tool.product("migrate"), up).status == 0)
      let owner = try await database.connect()
      try await owner.query("ALTER TABLE core.notes NO FORCE ROW LEVEL SECURITY")
      let result = try await Tool.run(Tool.product("migrate"), up)
      #expect(result.status == 7)
      #expect(
        result.error.contains("error: table without FORCE ROW LEVEL SECURITY: core.notes: "),
        "\(result.error)")
      await owner.close()
    }
  }

  @Test func anErrorFailsWhenAllIsApplied() async throws {
    let folder = try folder(
      """
      -- Columns in any order.
      SELECT format(E'CREATE INDEX\\n    ON %s (n);', c.oid::regclass) AS fix, 'error' AS severity,
          'table without an index' AS check, c.oid::regclass AS object, 1 AS more
      FROM pg_class AS c WHERE c.relname = 'a' AND NOT c.relhasindex
      UNION ALL SELECT 'Think.', 'warning', 'tables are few', 'a', 2
      ORDER BY severity;
      """)
    try await TestDatabase.with(.empty) { database in
      let findings = """
        error: table without an index: a: CREATE INDEX ON a (n);
        warning: tables are few: a: Think.
        migrate: error: checks.sql found an error
        NOW: all files are applied, and stay applied.
        HINT: mend what the lines above name, and run migrate up again.

        """
      var result = try await folder.migrate("up", database)
      #expect(result.status == 7)
      #expect(result.error == findings)
      #expect(
        result.plainOutput == """
          applied  migrations/0001_create_a.sql  N ms
          done: 1 of 1 files applied in N ms
          checked  checks.sql  N ms

          """)
      let connection = try await database.connect()
      #expect(
        try await connection.value("SELECT string_agg(path, ' ') FROM migrate.ledger")
          == "migrations/0001_create_a.sql")
      // There is nothing left to do, and it still holds.
      result = try await folder.migrate("up", database, "--quiet")
      #expect(result.status == 7)
      #expect(result.output == "")
      #expect(result.error == findings)

      try await connection.query("CREATE INDEX ON a (n)")
      await connection.close()
      result = try await folder.migrate("up", database)
      #expect(result.status == 0)
      #expect(result.error == "warning: tables are few: a: Think.\n")
    }
  }

  @Test func withoutAFileNothingIsAsked() async throws {
    let folder = try SQLFolder(Self.table)
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 0)
      #expect(!result.output.contains("checked"))
    }
  }

  @Test(arguments: [
    (
      "SELECT 1 AS n WHERE false", Int32(1), "checks.sql has no column severity, check, object, fix"
    ),
    ("-- nothing\n", 1, "checks.sql has no column severity, check, object, fix"),
    (
      "SELECT 'fatal' AS severity, '' AS check, '' AS object, '' AS fix", 1,
      "checks.sql: fatal is no severity"
    ),
    (
      "SELECT NULL AS severity, '' AS check, '' AS object, '' AS fix", 1,
      "checks.sql: NULL is no severity"
    ),
    ("SELECT *\nFROM b", 3, "checks.sql:2:6: ERROR: relation \"b\" does not exist"),
    ("SELECT 1; SELECT 2", 3, "checks.sql: ERROR: cannot insert multiple commands"),
    (
      "WITH gone AS (DELETE FROM a RETURNING n) SELECT n FROM gone", 3,
      "checks.sql: ERROR: cannot execute SELECT in a read-only transaction"
    ),
  ])
  func whatIsNoAnswerDoesNotPass(checks: String, status: Int32, message: String) async throws {
    let folder = try folder(checks)
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == status)
      #expect(result.error.hasPrefix("migrate: error: \(message)"), "\(result.error)")
      #expect(result.output.contains("done: 1 of 1 files applied"))
      if status == 3 {
        #expect(
          result.error.hasSuffix(
            "NOW: all files are applied, but checks.sql could not be asked.\nHINT: mend it, and run migrate up again.\n"
          )
        )
      }
      #expect(try await folder.migrate("status", database, "--check").status == 0)
    }
  }

  @Test func theFileIsAskedNotApplied() throws {
    let folder = try SQLFolder(["checks.sql": "SELECT 1", "MANIFEST": "checks.sql"])
    let failure = #expect(throws: MigrateFailure.self) {
      _ = try MigrationFiles.load(from: folder.path)
    }
    #expect(failure?.message == "MANIFEST:1: checks.sql is asked, not applied")
    try folder.remove("MANIFEST")
    let files = try MigrationFiles.load(from: folder.path)
    #expect(files.checks?.path == "checks.sql" && files.repeatable.isEmpty)
  }

  @Test func theProjectsOwnDatabasePasses() async throws {
    try await TestDatabase.with(.migrated) { database in
      let arguments = ["up", "-d", database.conninfo(), "--sql-dir", "\(Stack.root)/sql"]
      var result = try await Tool.run(Tool.product("migrate"), arguments)
      #expect(result.status == 0)
      #expect(result.error == "")
      #expect(result.output.contains("checked  checks.sql"))

      let connection = try await database.connect()
      try await connection.query("ALTER TABLE core.notes NO FORCE ROW LEVEL SECURITY")
      await connection.close()
      result = try await Tool.run(Tool.product("migrate"), arguments)
      #expect(result.status == 7)
      #expect(
        result.error.hasPrefix(
          "error: table without FORCE ROW LEVEL SECURITY: core.notes: "
            + "ALTER TABLE core.notes FORCE ROW LEVEL SECURITY;\n"), "\(result.error)")
    }
  }
}
