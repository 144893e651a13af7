internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import migrate

/// Errors are shown where they are, with what is true then; files that would end their transaction.
@Suite(.timeLimit(.minutes(3))) struct UpErrorTests {
  @Test func anErrorIsShownWhereItIs() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      "migrations/0002_create_b.sql":
        "CREATE TABLE b (n int);\n\nSELECT 'ä☃',\tnn,\n\t1 FROM a;\n",
      "migrations/0003_create_c.sql": "CREATE TABLE c (n int);",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 3)
      #expect(result.plainOutput == "applied  migrations/0001_create_a.sql  N ms\n")
      #expect(
        result.error == """
          migrate: error: migrations/0002_create_b.sql:3:14: ERROR: column "nn" does not exist
          SELECT 'ä☃',\tnn,
                      \t^
          SQLSTATE: 42703
          HINT: Perhaps you meant to reference the column "a.n".
          NOW: migrations/0002_create_b.sql rolled back; 1 file before it stays applied. Mend it and run migrate up again.

          """)
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regclass('b')") == nil)
      #expect(try await connection.value("SELECT count(*) FROM migrate.ledger") == "1")
      await connection.close()
      try folder.write("migrations/0002_create_b.sql", "CREATE TABLE b (n int);")
      #expect(try await folder.migrate("up", database).status == 0)
    }
  }

  @Test func anErrorInsideAFunctionHasItsContext() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": """
      DO $$ BEGIN
        RAISE EXCEPTION 'no' USING ERRCODE = 'AR001', DETAIL = 'why', HINT = 'what to do';
      END $$;
      """
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(
        result.error == """
          migrate: error: migrations/0001_create_a.sql:1:1: ERROR: no
          SQLSTATE: AR001
          DETAIL: why
          HINT: what to do
          CONTEXT: PL/pgSQL function inline_code_block line 2 at RAISE
          NOW: migrations/0001_create_a.sql rolled back; nothing was applied. Mend it and run migrate up again.

          """)
    }
  }

  @Test func anErrorAtCommitIsTheFiles() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": """
      CREATE TABLE a (n int UNIQUE DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO a VALUES (1), (1);
      """
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 3)
      #expect(
        result.error.hasPrefix(
          "migrate: error: migrations/0001_create_a.sql: ERROR: duplicate key value"))
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regclass('a')") == nil)
      await connection.close()
    }
  }

  @Test(arguments: [
    ("CREATE TABLE a (n int);\n\n  COMMIT;\n", 3, 3, "COMMIT"),
    ("BEGIN;\nSELECT 1;", 1, 1, "BEGIN"),
    ("/* x */ rollback;", 1, 9, "ROLLBACK"),
    ("SELECT 1;\nPREPARE TRANSACTION 'a';", 2, 1, "PREPARE"),
  ])
  func aFileThatWouldEndItsTransactionIsRefused(
    text: String, line: Int, column: Int, word: String
  ) async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_b.sql": "CREATE TABLE b (n int);",
      "migrations/0002_create_a.sql": text,
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 1)
      #expect(
        result.error.hasPrefix(
          "migrate: error: migrations/0002_create_a.sql:\(line):\(column): \(word) has no place here: "
        ), "\(result.error)")
      #expect(result.error.hasSuffix("NOW: nothing was applied.\n"))
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regclass('b')") == nil)
      await connection.close()
    }
  }

  /// What the look at the statements would miss, the transaction's number tells.
  @Test(arguments: [
    ("CREATE TABLE a (n int);\nCOMMIT;\n", MigrateFailure.Code.usage, true),
    ("CREATE TABLE a (n int);\nCOMMIT;\nBEGIN;\n", .usage, true),
    ("CREATE TABLE a (n int);\nROLLBACK;\nBEGIN;\n", .usage, false),
    ("CREATE TABLE a (n int);\nCOMMIT;\nSELECT 1 / 0;\n", .sql, true),
    ("CREATE TABLE a (n int);\nCOMMIT;\nBEGIN;\nSELECT 1 / 0;\n", .sql, true),
  ])
  func aFileThatHasEndedItsTransactionIsTold(
    text: String, code: MigrateFailure.Code, isCommitted: Bool
  ) async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": text])
    try await TestDatabase.with(.empty) { database in
      let failure = try await folder.applyUnchecked(database)
      #expect(failure?.code == code)
      let lines = [failure?.message ?? ""] + (failure?.lines ?? [])
      #expect(lines.contains { $0.hasPrefix("migrations/0001_create_a.sql ends its transaction") })
      #expect(
        lines.contains {
          $0.hasPrefix(
            "NOW: What it did before that \(isCommitted ? "is committed" : "was rolled back")")
        }, "\(lines)")
      let connection = try await database.connect()
      #expect(
        try await connection.value("SELECT to_regclass('a') IS NOT NULL")
          == (isCommitted ? "t" : "f"))
      #expect(try await connection.value("SELECT count(*) FROM migrate.ledger") == "0")
      await connection.close()
    }
  }

  /// Outside of a file, too: what the server says, what is true, what to do.
  @Test func anErrorOutsideOfFilesHasItsStateAndTheNextStep() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1"])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        "DO $$ BEGIN CREATE ROLE test_migrate_poor LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$"
      )
      let result = try await Tool.run(
        Tool.product("migrate"),
        ["up", "-d", database.conninfo(user: "test_migrate_poor"), "--sql-dir", folder.path])
      #expect(result.status == 3)
      #expect(
        result.error == """
          migrate: error: ERROR: permission denied for database \(database.name)
          SQLSTATE: 42501
          NOW: it was no statement of a file; what it was to do was rolled back. migrate status shows what is applied.
          HINT: grant what is missing, or run migrate as a role that has it.

          """)
      await connection.close()
    }
  }
}
