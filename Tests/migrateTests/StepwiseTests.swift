internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Files without a transaction: statement by statement, resumed where they stopped.
@Suite(.timeLimit(.minutes(3))) struct StepwiseTests {
  private static let path = "migrations/0001_index_a.sql"

  private static let index = """
    -- migrate: no-transaction
    CREATE TABLE a (n int);
    INSERT INTO a VALUES (1), (1);
    CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_n ON a (n);
    VACUUM a;

    """

  private func isValid(_ connection: PostgresConnection) async throws -> String? {
    try await connection.value(
      "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('a_n')")
  }

  /// The INVALID index is PostgreSQL's own doing: a unique index over duplicate rows.
  @Test func aFailedBuildIsNamedAndBuiltAnew() async throws {
    let folder = try SQLFolder([
      Self.path: Self.index, "migrations/0002_create_b.sql": "CREATE TABLE b (n int);",
    ])
    try await TestDatabase.with(.empty) { database in
      let failed = try await folder.migrate("up", database)
      #expect(failed.status == 10)
      #expect(
        failed.error == """
          migrate: error: \(Self.path):4:1: ERROR: could not create unique index "a_n"
          SQLSTATE: 23505
          DETAIL: Key (n)=(1) is duplicated.
          NOW: \(Self.path) is applied in part: 2 of 4 statements are done.
          The index a_n is left INVALID: no query uses it, every write pays for it. migrate resume builds it anew.
          Mend it, and go on with statement 3: migrate resume

          """)
      let connection = try await database.connect()
      #expect(try await isValid(connection) == "f")

      let state = """
        NOW: 2 of 4 statements are done; statement 3 was refused: could not create unique index "a_n" (SQLSTATE 23505).
        AT: \(Self.path):4:1: CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_n ON a (n);
        NEXT: mend statement 3 of \(Self.path), then: migrate resume

        """
      let status = try await folder.migrate("status", database)
      #expect(status.status == 0)
      #expect(status.output == "partial  \(Self.path)\npending  migrations/0002_create_b.sql\n")
      #expect(status.error == state)
      #expect(try await folder.migrate("status", database, "--check").status == 10)
      let up = try await folder.migrate("up", database)
      #expect(up.status == 10)
      #expect(up.error == "migrate: error: \(Self.path) is applied in part\n" + state)

      try await connection.query("DELETE FROM a WHERE ctid = (SELECT min(ctid) FROM a)")
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(
        resumed.error
          == "\(Self.path): the index a_n is INVALID, left by a build that failed: built anew\n")
      #expect(
        resumed.plainOutput == """
          applied  \(Self.path)  N ms
          applied  migrations/0002_create_b.sql  N ms
          done: 2 of 2 files applied in N ms

          """)
      #expect(try await isValid(connection) == "t")
      // Nothing ran twice.
      #expect(try await connection.value("SELECT count(*) FROM a") == "1")
      #expect(
        try await connection.value(
          "SELECT string_agg(event, ' ' ORDER BY entry_id) FROM migrate.ledger WHERE version = 1")
          == "started progressed progressed failed resumed progressed progressed applied")
      await connection.close()
    }
  }

  private func up(
    _ prepare: String, _ statement: String
  ) async throws -> (result: Tool.Result, definition: String?) {
    let folder = try SQLFolder([Self.path: "-- migrate: no-transaction\n\(statement)\n"])
    return try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      for each in prepare.split(separator: ";") { _ = try? await connection.query(String(each)) }
      let result = try await folder.migrate("up", database)
      let definition = try await connection.value(
        """
        SELECT pg_get_indexdef(indexrelid) || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END
        FROM pg_index WHERE indexrelid = to_regclass('a_n')
        """)
      await connection.close()
      return (result, definition)
    }
  }

  private static let table = "CREATE TABLE a (n int, \"T\" text);"

  @Test(arguments: [
    ("CREATE INDEX a_n ON a (n)", "(n)"),
    ("CREATE INDEX a_n ON a (lower(\"T\")) WHERE n > 1", "( lower ( \"T\" ) ) WHERE (n>1)"),
    (
      "CREATE UNIQUE INDEX a_n ON a USING btree (n DESC) INCLUDE (\"T\")",
      "(n desc) include (\"T\")"
    ),
  ])
  func anEqualIndexIsTakenOver(existing: String, wanted: String) async throws {
    let unique = existing.contains("UNIQUE") ? "UNIQUE " : ""
    let (result, definition) = try await up(
      Self.table + existing, "CREATE \(unique)INDEX CONCURRENTLY a_n ON public.a \(wanted);")
    #expect(result.status == 0, "\(result.error)")
    #expect(
      result.error
        == "\(Self.path): the index a_n is there already, valid and equal: taken over\n")
    #expect(definition?.contains("INVALID") == false)
  }

  @Test(arguments: [
    ("CREATE INDEX a_n ON a (\"T\")", "there is an index a_n of another definition"),
    ("CREATE UNIQUE INDEX a_n ON a (n)", "there is an index a_n of another definition"),
    ("CREATE TABLE a_n (n int)", "a_n is there already: table a_n"),
    (
      "CREATE TABLE b (n int);CREATE INDEX a_n ON b (n)", "a_n is there already: index a_n"
    ),
  ])
  func anotherOneOfThatNameIsRefused(existing: String, message: String) async throws {
    for statement in [
      "CREATE INDEX CONCURRENTLY a_n", "CREATE INDEX CONCURRENTLY IF NOT EXISTS a_n",
    ] {
      let (result, _) = try await up(Self.table + existing, statement + " ON a (n);")
      #expect(result.status == 10)
      #expect(
        result.error.hasPrefix("migrate: error: \(Self.path):2:1: \(message)"), "\(result.error)")
    }
  }

  /// IF NOT EXISTS would take it for a good one.
  @Test func anInvalidIndexOfSomebodyElsesIsBuiltAnew() async throws {
    let (result, definition) = try await up(
      Self.table
        + "INSERT INTO a VALUES (1), (1);CREATE UNIQUE INDEX CONCURRENTLY a_n ON a (n);DELETE FROM a",
      "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_n ON a (n);")
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("built anew"))
    #expect(definition == "CREATE UNIQUE INDEX a_n ON public.a USING btree (n)")
  }

  @Test func aFirstStatementThatFailsLeavesNothing() async throws {
    let (result, _) = try await up("", "SELECT nn;\nVACUUM;")
    #expect(result.status == 3)
    #expect(result.error.contains("0 of 2 statements are done"))
  }

  @Test func whatWasDoneIsNotEdited() async throws {
    let folder = try SQLFolder([
      Self.path: "-- migrate: no-transaction\nCREATE TABLE a (n int);\nSELECT 1 / 0;\n"
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 10)
      try folder.write(
        Self.path, "-- migrate: no-transaction\nCREATE TABLE a (n bigint);\nSELECT 1;\n")
      let refused = try await folder.migrate("resume", database)
      #expect(refused.status == 6)
      #expect(refused.error.contains("its first 1 statements are done, and were edited since"))
      // What follows may be mended, and comments do not matter.
      try folder.write(
        Self.path,
        "-- migrate: no-transaction\n-- The table.\nCREATE TABLE a (\n  n int);\nSELECT 1;\n")
      let result = try await folder.migrate("resume", database)
      #expect(result.status == 0, "\(result.error)")
      #expect(try await folder.migrate("status", database, "--check").status == 0)
    }
  }

  @Test func aStatementThatWasDoneByHandIsSkipped() async throws {
    let folder = try SQLFolder([
      Self.path:
        "-- migrate: no-transaction\nCREATE TABLE a (n int);\nSELECT 1 / 0;\nINSERT INTO a VALUES (1);\n"
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 10)
      #expect(try await folder.migrate("resume", database, "--skip").status == 1)
      let result = try await folder.migrate(
        "resume", database, "--skip", "--reason", "it's done")
      #expect(result.status == 0, "\(result.error)")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT n FROM a") == "1")
      #expect(
        try await connection.value("SELECT reason FROM migrate.ledger WHERE reason IS NOT NULL")
          == "it's done")
      await connection.close()
    }
  }

  /// The role and the settings of the file hold for its later statements, in a resumed run, too; the ledger
  /// is written without them.
  @Test func whatTheFileSetsHoldsUntilItsEnd() async throws {
    let folder = try SQLFolder([
      Self.path: """
      -- migrate: no-transaction
      DO $$ BEGIN CREATE ROLE test_migrate_step; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;
      CREATE SCHEMA s AUTHORIZATION test_migrate_step;
      SET ROLE test_migrate_step;
      SELECT pg_catalog.set_config('search_path', 's', false);
      CREATE TABLE a AS SELECT current_setting('lock_timeout') AS t;
      SELECT 1 / 0;
      INSERT INTO a VALUES (current_user);
      CALL pg_catalog.nothing();
      """,
      "migrations/0002_create_b.sql": "CREATE TABLE b AS SELECT current_user AS u;",
    ])
    try await TestDatabase.with(.empty) { database in
      let failed = try await folder.migrate("up", database)
      #expect(failed.status == 10)
      #expect(failed.error.contains("5 of 8 statements are done"), "\(failed.error)")
      let connection = try await database.connect()
      try await connection.execute(
        "CREATE PROCEDURE pg_catalog.nothing() LANGUAGE plpgsql AS 'BEGIN COMMIT; END'")
      let result = try await folder.migrate("resume", database, "--skip", "--reason", "test")
      #expect(result.status == 0, "\(result.error)")
      #expect(
        try await connection.value("SELECT string_agg(t, ' ' ORDER BY t) FROM s.a")
          == "3s test_migrate_step")
      #expect(try await connection.value("SELECT u FROM b") == "postgres")
      await connection.close()
    }
  }

  @Test func aSignalSaysWhereItStopped() async throws {
    let folder = try SQLFolder([
      Self.path: "-- migrate: no-transaction\nCREATE TABLE a (n int);\nSELECT pg_sleep(60);\n"
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await eventually {
        try await connection.value(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        ) == "1"
      }
      #expect(try await process.stop(SIGINT) == 130)
      #expect(
        process.log.hasSuffix(
          """
          migrate: error: stopped by a signal
          NOW: \(Self.path) is applied in part: 1 of 2 statements are done.
          HINT: migrate resume goes on with statement 2.

          """), "\(process.log)")
      #expect(
        try await folder.migrate("status", database).error.contains(
          "the runner ended at statement 2, which may be done or not"))
      await connection.close()
    }
  }

  @Test(arguments: [
    ("CREATE INDEX CONCURRENTLY i ON a (n);", "CREATE INDEX CONCURRENTLY"), ("VACUUM;", "VACUUM"),
    ("DROP INDEX CONCURRENTLY i;", "DROP INDEX CONCURRENTLY"),
  ])
  func whatCannotRunInATransactionIsRefusedBefore(statement: String, command: String) async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      "migrations/0002_alter_a.sql": statement,
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 1)
      #expect(
        result.error == """
          migrate: error: migrations/0002_alter_a.sql:1:1: \(command) cannot run inside a transaction
          \(statement)
          ^
          HINT: put it into a file of its own, with the header -- migrate: no-transaction at its top.
          NOW: nothing was applied.

          """)
    }
  }

  @Test func anIndexWithoutANameIsRefused() async throws {
    let (result, _) = try await up(Self.table, "CREATE INDEX CONCURRENTLY ON a (n);")
    #expect(result.status == 1)
    #expect(result.error.contains("CREATE INDEX CONCURRENTLY without a name"))
  }
}
