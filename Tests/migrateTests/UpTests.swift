internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

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
    #expect(result.error.contains("\nNOW: nothing was done.\nHINT: "), "\(result.error)")
  }

  @Test func theLedgerIsAppendOnly() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      let connection = try await database.connect()
      // As whoever replicates, too, for whom other triggers do not fire.
      for role in ["origin", "replica"] {
        try await connection.execute("SET session_replication_role = '\(role)'")
        for sql in [
          "DELETE FROM migrate.ledger", "UPDATE migrate.ledger SET hash = ''",
          "TRUNCATE migrate.ledger", "DELETE FROM migrate.objects",
        ] {
          #expect(await sqlState { try await connection.query(sql) } == "42501")
        }
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
}
