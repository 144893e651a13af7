internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import migrate

/// `migrate up` and `migrate status` as processes, on a real PostgreSQL.
@Suite(.timeLimit(.minutes(3))) struct UpTests {
  @Test func appliesEverythingOnce() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);\nINSERT INTO a VALUES (1);\n",
      "migrations/0002_create_b.sql": "CREATE TABLE b (n int);\n",
      "functions/f.sql":
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n",
      "MANIFEST": "functions\n",
    ])
    try await TestDatabase.with(.empty) { database in
      var result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
      #expect(result.error == "")
      #expect(
        result.plainOutput == """
          applied  migrations/0001_create_a.sql  N ms
          applied  migrations/0002_create_b.sql  N ms
          applied  functions/f.sql  N ms
          done: 3 of 3 files applied in N ms

          """)
      result = try await folder.migrate("up", database)
      #expect(result.status == 0)
      #expect(result.output == "nothing to do: all 3 files are applied\n")

      let connection = try await database.connect()
      #expect(try await connection.value("SELECT f() + (SELECT count(*) FROM a)") == "2")
      let ledger = try await connection.query(
        """
        SELECT version, path, hash ~ '^[0-9a-f]{64}$' AS hash, applied_as, login, tool_version,
            started_at < clock_timestamp() AND milliseconds >= 0 AS time
        FROM migrate.ledger ORDER BY entry_id
        """)
      #expect(ledger.map { $0["version"] } == ["1", "2", nil])
      #expect(ledger.allSatisfy { $0["hash"] == "t" && $0["time"] == "t" })
      #expect(ledger[0]["login"] == "postgres" && ledger[0]["applied_as"] == "postgres")
      await connection.close()
    }
  }

  @Test func anOldServerIsRefused() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1"])
    let old = LocalServer.postgres(version: "14.9")
    let result = try await Tool.run(
      Tool.product("migrate"),
      [
        "up", "--sql-dir", folder.path, "-d",
        "host=127.0.0.1 port=\(old.port) user=dba dbname=ark sslmode=disable",
      ])
    old.stop()
    #expect(result.status == 2)
    #expect(result.error.contains("PostgreSQL 14") && result.error.contains("15 or newer"))
    #expect(result.error.split(separator: "\n").count <= 2, "\(result.error)")
  }

  @Test func theLedgerIsAppendOnly() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      let connection = try await database.connect()
      for sql in [
        "DELETE FROM migrate.ledger", "UPDATE migrate.ledger SET hash = ''",
        "TRUNCATE migrate.ledger",
      ] {
        #expect(await sqlState { try await connection.query(sql) } == "42501")
      }
      await connection.close()
    }
  }

  @Test func theProjectsOwnFilesApplyTwice() async throws {
    try await TestDatabase.with(.migrated) { database in
      let result = try await Tool.run(
        Tool.product("migrate"),
        ["up", "-d", database.conninfo(), "--sql-dir", "\(Stack.root)/sql"])
      #expect(result.status == 0, "\(result.error)")
      #expect(result.output.hasPrefix("nothing to do"))
    }
  }

  @Test func statusShowsEachFile() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);", "views/v.sql": "SELECT 1;",
      "views/w.sql": "SELECT 1;", "MANIFEST": "views",
    ])
    try await TestDatabase.with(.empty) { database in
      var result = try await folder.migrate("status", database, "--check")
      #expect(result.status == 4)
      #expect(
        result.output
          == "pending  migrations/0001_create_a.sql\npending  views/v.sql\npending  views/w.sql\n")
      #expect(
        result.error
          == "migrate: error: 3 files are pending\nHINT: migrate up applies them.\n")
      #expect(try await folder.migrate("status", database).status == 0)
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regnamespace('migrate')") == nil)
      await connection.close()

      #expect(try await folder.migrate("up", database).status == 0)
      #expect(try await folder.migrate("status", database, "--check").status == 0)
      try folder.write("views/w.sql", "SELECT 2;")
      try folder.write("migrations/0002_create_b.sql", "SELECT 1;")
      result = try await folder.migrate("status", database)
      #expect(
        result.output == """
          applied  migrations/0001_create_a.sql
          pending  migrations/0002_create_b.sql
          applied  views/v.sql
          changed  views/w.sql

          """)
    }
  }

  @Test func onlyChangedRepeatableFilesAreAppliedAgain() async throws {
    let folder = try SQLFolder([
      "functions/a.sql": "CREATE OR REPLACE FUNCTION a() RETURNS int LANGUAGE sql AS 'SELECT 1';",
      "functions/b.sql": "CREATE OR REPLACE FUNCTION b() RETURNS int LANGUAGE sql AS 'SELECT 1';",
      "MANIFEST": "functions",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write(
        "functions/b.sql",
        "CREATE OR REPLACE FUNCTION b() RETURNS int LANGUAGE sql AS 'SELECT 2';")
      let result = try await folder.migrate("up", database)
      #expect(
        result.plainOutput
          == "applied  functions/b.sql  N ms\ndone: 1 of 2 files applied in N ms\n")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT a() * 10 + b()") == "12")
      await connection.close()
    }
  }

  @Test func repeatableFilesAreAppliedTogetherOrNotAtAll() async throws {
    let folder = try SQLFolder([
      "functions/a.sql": "CREATE FUNCTION a() RETURNS int LANGUAGE sql AS 'SELECT 1';",
      "functions/b.sql": "SELECT 1 / 0;", "MANIFEST": "functions",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 3)
      #expect(result.output == "")
      #expect(
        result.error.hasSuffix(
          "NOW: all 2 repeatable files rolled back; nothing was applied. Mend it and run migrate up again.\n"
        ), "\(result.error)")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regproc('a')") == nil)
      await connection.close()
    }
  }

  @Test func whatAFileSetsEndsWithIt() async throws {
    let probe = "INSERT INTO seen SELECT current_user, current_setting('search_path');"
    let folder = try SQLFolder([
      "migrations/0001_create_role.sql": """
      DO $$ BEGIN CREATE ROLE test_migrate_other; EXCEPTION WHEN duplicate_object THEN END $$;
      CREATE TABLE seen (role name, path text);
      SET search_path = nowhere;
      SET LOCAL ROLE test_migrate_other;
      """,
      "migrations/0002_insert_seen.sql": probe,
      "views/a.sql": "SET LOCAL ROLE test_migrate_other; SET LOCAL search_path = nowhere;",
      "views/b.sql": probe,
      "views/c.sql": "SET SESSION AUTHORIZATION test_migrate_other;",
      "views/d.sql": probe,
      "MANIFEST": "views",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
      let connection = try await database.connect()
      #expect(
        try await connection.value(
          "SELECT string_agg(role || ' ' || path, '; ') FROM seen")
          == Array(repeating: "postgres \"$user\", public", count: 3).joined(separator: "; "))
      await connection.close()
    }
  }

  @Test func rowLevelSecurityNeverFiltersAMigration() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": """
      DO $$ BEGIN CREATE ROLE test_migrate_owner; EXCEPTION WHEN duplicate_object THEN END $$;
      GRANT CREATE ON SCHEMA public TO test_migrate_owner;
      SET LOCAL ROLE test_migrate_owner;
      CREATE TABLE a (n int);
      INSERT INTO a VALUES (1);
      ALTER TABLE a ENABLE ROW LEVEL SECURITY;
      ALTER TABLE a FORCE ROW LEVEL SECURITY;
      """,
      "migrations/0002_update_a.sql": "SET LOCAL ROLE test_migrate_owner;\nUPDATE a SET n = 2;\n",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 3)
      #expect(result.error.contains("query would be affected by row-level security policy"))
    }
  }

  // MARK: History

  @Test func anEditedFileIsRefused() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1;\n"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0001_create_a.sql", "SELECT 1;  \r\n\r\n")
      #expect(try await folder.migrate("up", database).status == 0)

      try folder.write("migrations/0001_create_a.sql", "SELECT 2;\n")
      try folder.write("migrations/0002_create_b.sql", "CREATE TABLE b (n int);")
      for command in ["up", "status"] {
        let result = try await folder.migrate(command, database)
        #expect(result.status == 6)
        #expect(
          result.error == """
            migrate: error: migrations/0001_create_a.sql was edited after it was applied
            applied: sha256 17db4fd369edb9244b9f91d9aeed145c3d04ad8ba6e95d06247f07a63527d11a
            file:    sha256 8e7003d62f9d8cbd28da2f243bb0d215bfd4622c716be09be89a8764d9f4c7cb
            HINT: restore the file as it was applied, and put the change into a new one; or record that it does the same: migrate repair migrations/0001_create_a.sql --reason '…'.

            """)
      }
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regclass('b')") == nil)
      await connection.close()
    }
  }

  @Test func aRenamedFileIsRefused() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1;\n"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.remove("migrations/0001_create_a.sql")
      try folder.write("migrations/0001_create_b.sql", "SELECT 1;\n")
      let result = try await folder.migrate("up", database)
      #expect(result.status == 6)
      #expect(result.error.contains("was applied as migrations/0001_create_a.sql"))
    }
  }

  @Test func aNewerDatabaseIsRefused() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "SELECT 1", "migrations/0002_create_b.sql": "SELECT 1",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.remove("migrations/0002_create_b.sql")
      let result = try await folder.migrate("up", database)
      #expect(result.status == 11)
      #expect(
        result.error.contains(
          "the database is newer than the files: it has migrations/0002_create_b.sql"))
    }
  }

  // MARK: Errors

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
          NOW: migrations/0002_create_b.sql rolled back; 1 files before it stay applied. Mend it and run migrate up again.

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
    let plan = try Plan(files: try MigrationFiles.load(from: folder.path), ledger: Ledger())
    try await TestDatabase.with(.empty) { database in
      let runner = try await database.connect()
      try await Ledger.create(runner)
      let watch = await Watch(runner, PostgresConfiguration(conninfo: database.conninfo()))
      let failure = await #expect(throws: MigrateFailure.self) {
        _ = try await Runner(connection: runner, watch: watch).apply(plan)
      }
      await runner.close()
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

  @Test func warningsAreTalk() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql":
        "DO $$ BEGIN RAISE NOTICE 'chatter'; RAISE WARNING 'careful'; END $$"
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database, "--quiet")
      #expect(result.status == 0)
      #expect(result.output == "")
      #expect(result.error == "WARNING: careful\n")
    }
  }

  @Test func aLockThatIsNotToBeHadIsTriedAgain() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0002_alter_a.sql", "ALTER TABLE a ADD m int;")
      let connection = try await database.connect()
      try await connection.execute("BEGIN; LOCK TABLE a")
      let process = try DaemonProcess(
        Tool.product("migrate"), folder.arguments("up", database))
      let pid = await connection.backendPID
      try await process.waitForLine(
        "migrations/0002_alter_a.sql:1 waits for a lock: pid \(pid) (postgres, for 00:0")
      try await process.waitForLine("attempt 2 of 11")
      try await connection.query("COMMIT")
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 0, "\(process.log)")
      await connection.close()
    }
  }

  @Test func whenNoLockIsToBeHadNothingHasChanged() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      "v/v.sql": "CREATE VIEW v AS SELECT 1;", "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write(
        "migrations/0002_alter_a.sql",
        "-- migrate: lock_timeout=10ms\nCREATE TABLE b (n int);\nALTER TABLE a ADD m int;")
      let connection = try await database.connect()
      try await connection.execute("BEGIN; LOCK TABLE a")
      let result = try await folder.migrate("up", database)
      #expect(result.status == 9)
      #expect(
        result.error.hasSuffix(
          """
          attempt 11 of 11
          migrate: error: migrations/0002_alter_a.sql:3:1: ERROR: canceling statement due to lock timeout
          SQLSTATE: 55P03
          NOW: migrations/0002_alter_a.sql rolled back; nothing was applied. Mend it and run migrate up again.

          """), "\(result.error)")
      try await connection.query("COMMIT")
      #expect(try await connection.value("SELECT to_regclass('b')") == nil)
      #expect(try await folder.migrate("up", database).status == 0)
      await connection.close()
    }
  }
}
