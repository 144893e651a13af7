internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Files without a transaction: statement by statement, resumed where they stopped.
@Suite(.timeLimit(.minutes(3))) struct StepwiseTests {
  private static let path = "migrations/0001_index_a.sql"

  @Test func aFirstStatementThatFailsLeavesNothing() async throws {
    let folder = try SQLFolder([Self.path: "-- migrate: no-transaction\nSELECT nn;\nVACUUM;"])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 3)
      #expect(result.error.contains("0 of 2 statements are done"))
    }
  }

  /// It is not tried again, unlike a transaction: the exit code is that of an SQL error, and nothing is there.
  @Test func aFirstStatementThatGetsNoLockLeavesNothing() async throws {
    let folder = try SQLFolder([
      Self.path:
        "-- migrate: no-transaction, lock_timeout=100ms\nALTER TABLE a ADD m int;\nVACUUM a;\n"
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute("CREATE TABLE a (n int)")
      try await connection.execute("BEGIN; LOCK TABLE a")
      let result = try await folder.migrate("up", database)
      #expect(result.status == 3)
      #expect(result.error.contains("SQLSTATE: 55P03\n"), "\(result.error)")
      #expect(
        result.error.hasSuffix(
          "NOW: \(Self.path) is applied in part: 0 of 2 statements are done.\nMend it, and go on with statement 1: migrate resume\n"
        ), "\(result.error)")
      try await connection.execute("ROLLBACK")
      #expect(try await folder.migrate("resume", database).status == 0)
      await connection.close()
    }
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
      #expect(
        refused.error == """
          migrate: error: \(Self.path): its first statement is done, and was edited since
          NOW: \(Self.path) is applied in part: 1 of 2 statements are done.
          HINT: bring them back as they ran; what follows them may be mended.

          """)
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

  /// Who resumes a file later still sees how long each of its statements took.
  @Test func eachStatementsTimeIsKept() async throws {
    let folder = try SQLFolder([
      Self.path:
        "-- migrate: no-transaction\nSELECT pg_sleep(0.2);\nDO $$ BEGIN PERFORM pg_sleep(0.2); END $$;\nSELECT 1 / 0;\n"
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 10)
      let connection = try await database.connect()
      #expect(
        try await connection.value(
          "SELECT string_agg(concat(statement, milliseconds >= 200), ' ' ORDER BY entry_id) FROM migrate.ledger WHERE event = 'progressed'"
        ) == "1t 2t")
      await connection.close()
      let history = try await folder.migrate("history", database)
      #expect(
        history.output.contains(
          /progressed  migrations\/0001_index_a.sql  [0-9.]+ ms  2 of 3 statements  by postgres/),
        "\(history.output)")
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
          "the runner ended at statement 2, which is not done."))
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
}
