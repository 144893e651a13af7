internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import migrate

/// `migrate up --rehearse`.
@Suite(.timeLimit(.minutes(3))) struct RehearsalTests {
  @Test func aRehearsalLeavesNothing() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int); INSERT INTO a VALUES (1);"
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      // The lock that no look at the statement tells.
      try folder.write(
        "migrations/0002_alter_a.sql",
        "SET search_path = pg_temp;\nDO $$ BEGIN EXECUTE 'ALTER TABLE public.a ADD m int'; END $$;")
      try folder.write(
        "migrations/0003_index_a.sql",
        "-- migrate: no-transaction\nUPDATE a SET m = 1;\nCREATE INDEX CONCURRENTLY a_n ON a (n);\n"
      )
      try folder.write("v/v.sql", "CREATE VIEW v AS SELECT m FROM a;")
      try folder.write("MANIFEST", "v")
      let connection = try await database.connect()
      let before = try await connection.value("SELECT count(*) FROM pg_class")
      let result = try await folder.migrate("up", database, "--rehearse")
      #expect(
        result.plainOutput == """
          rehearsed  migrations/0002_alter_a.sql  N ms
            ACCESS EXCLUSIVE  a, 8192 bytes
          rehearsed  migrations/0003_index_a.sql  N ms
            ROW EXCLUSIVE  a, 8192 bytes
            not rehearsed: statement 2
          rehearsed  v/v.sql  N ms
          rehearsed: everything was rolled back

          """, "\(result.error)")
      #expect(try await connection.value("SELECT count(*) FROM pg_class") == before)
      #expect(try await connection.value("SELECT count(*) FROM migrate.ledger") == "1")
      try folder.write("v/v.sql", "CREATE VIEW v AS SELECT x FROM a;")
      let failed = try await folder.migrate("up", database, "--rehearse")
      #expect(failed.status == 3)
      #expect(failed.error.contains("v/v.sql:1:25: ERROR: column \"x\" does not exist"))
      #expect(
        failed.error.hasSuffix(
          "NOW: it was a rehearsal; everything was rolled back.\nHINT: mend it, and run migrate up --rehearse again.\n"
        ),
        "\(failed.error)")
      await connection.close()
    }
  }

  /// Also what a file before it holds already, at least as strongly.
  @Test func eachFileShowsItsLocks() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int); CREATE TABLE b (n int);"
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      for (name, text) in [
        ("0002_alter_a", "ALTER TABLE a ADD m int;"), ("0003_alter_a", "ALTER TABLE a ADD l int;"),
        ("0004_change_a", "UPDATE a SET n = 1;"),
        ("0005_change_b", "UPDATE b SET n = 1; DELETE FROM a;"), ("0006_alter_b", "LOCK TABLE b;"),
        ("0007_see_b", "SELECT n FROM b;"),
      ] {
        try folder.write("migrations/\(name).sql", text)
      }
      let result = try await folder.migrate("up", database, "--rehearse")
      #expect(
        result.plainOutput == """
          rehearsed  migrations/0002_alter_a.sql  N ms
            ACCESS EXCLUSIVE  a, 0 bytes
          rehearsed  migrations/0003_alter_a.sql  N ms
            ACCESS EXCLUSIVE  a, 0 bytes
          rehearsed  migrations/0004_change_a.sql  N ms
            ROW EXCLUSIVE  a, 0 bytes
          rehearsed  migrations/0005_change_b.sql  N ms
            ROW EXCLUSIVE  a, 0 bytes
            ROW EXCLUSIVE  b, 0 bytes
          rehearsed  migrations/0006_alter_b.sql  N ms
            ACCESS EXCLUSIVE  b, 0 bytes
          rehearsed  migrations/0007_see_b.sql  N ms
          rehearsed: everything was rolled back

          """, "\(result.error)")
    }
  }

  /// Only what is left of a file that is applied in part, with what it had set.
  @Test func aPartialFileIsRehearsedFromWhereItStands() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": """
      -- migrate: no-transaction
      CREATE SCHEMA s;
      SET search_path = s;
      CREATE TABLE a (n int);
      SELECT 1 / 0;
      ALTER TABLE a ADD m int;
      """
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 10)
      try folder.write(
        "migrations/0001_create_a.sql",
        "-- migrate: no-transaction\nCREATE SCHEMA s;\nSET search_path = s;\nCREATE TABLE a (n int);\nALTER TABLE a ADD m int;\n"
      )
      let result = try await folder.migrate("up", database, "--rehearse")
      #expect(
        result.plainOutput == """
          rehearsed  migrations/0001_create_a.sql  N ms
            ACCESS EXCLUSIVE  s.a, 0 bytes
          rehearsed: everything was rolled back

          """, "\(result.error)")
    }
  }

  @Test func theHeadersTimeoutHoldsAndALockIsExitCode9() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write(
        "migrations/0002_alter_a.sql",
        """
        -- migrate: lock_timeout=1234ms
        DO $$ BEGIN
          IF current_setting('lock_timeout') <> '1234ms' THEN RAISE 'not this file''s'; END IF;
        END $$;
        PREPARE p AS SELECT 1;
        """)
      try folder.write(
        "migrations/0003_alter_a.sql",
        "-- migrate: lock_timeout=50ms\nPREPARE p AS SELECT 1;\nALTER TABLE a ADD m int;")
      let free = try await folder.migrate("up", database, "--rehearse")
      #expect(free.status == 0, "\(free.error)")
      let connection = try await database.connect()
      try await connection.execute("BEGIN; LOCK TABLE a")
      let result = try await folder.migrate("up", database, "--rehearse")
      #expect(result.status == 9)
      #expect(
        result.error.hasPrefix(
          "migrate: error: migrations/0003_alter_a.sql:3:1: ERROR: canceling statement due to lock timeout\n"
        ), "\(result.error)")
      await connection.close()
    }
  }

  /// What is only seen when it runs: it refuses a transaction.
  @Test func aStatementThatRefusesATransactionIsLeftOut() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": """
      -- migrate: no-transaction
      CREATE TABLE a (n int);
      SELECT alone();
      INSERT INTO a VALUES (1);
      """
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        "CREATE FUNCTION alone() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE 'not in a transaction' USING ERRCODE = '25001'; END $$"
      )
      let result = try await folder.migrate("up", database, "--rehearse")
      #expect(result.status == 0, "\(result.error)")
      #expect(result.output.contains("\n  not rehearsed: statement 2\n"), "\(result.output)")
      await connection.close()
    }
  }

  /// What a routine does is rehearsed, unless it would commit in between.
  @Test func routinesAreRehearsed() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": """
      -- migrate: no-transaction
      CREATE TABLE a (n int);
      DO $$ BEGIN CREATE UNIQUE INDEX a_n ON a (n); END $$;
      DO $$ BEGIN INSERT INTO a VALUES (1); COMMIT; END $$;
      INSERT INTO a VALUES (1);
      """
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database, "--rehearse")
      #expect(result.status == 0, "\(result.error)")
      #expect(result.output.contains("\n  not rehearsed: statement 3\n"), "\(result.output)")
      try folder.write(
        "migrations/0001_create_a.sql",
        "-- migrate: no-transaction\nDO $$ BEGIN PERFORM 1 / 0; END $$;\n")
      let failed = try await folder.migrate("up", database, "--rehearse")
      #expect(failed.status == 3)
      #expect(failed.error.contains("division by zero"), "\(failed.error)")
    }
  }

  @Test(arguments: ["COMMIT;\n", "COMMIT;\nBEGIN;\n"])
  func aFileThatHasEndedItsTransactionIsTold(end: String) async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);\n\(end)"])
    let plan = try Plan(files: try MigrationFiles.load(from: folder.path), ledger: Ledger())
    try await TestDatabase.with(.empty) { database in
      let runner = try await database.connect()
      let watch = await Watch(runner, PostgresConfiguration(conninfo: database.conninfo()))
      // Without the look at the statements, which would refuse it.
      let failure = await #expect(throws: MigrateFailure.self) {
        try await Rehearsal(connection: runner, watch: watch, plan: plan).rehearse()
      }
      #expect(failure?.code == .usage)
      #expect(
        failure?.message.hasPrefix("migrations/0001_create_a.sql ends its transaction") == true)
      await runner.close()
    }
  }

  @Test func aSignalRollsARehearsalBack() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);\nSELECT pg_sleep(60);\n"
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      let process = try DaemonProcess(
        Tool.product("migrate"), folder.arguments("up", database, "--rehearse"))
      let sleeps =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
      try await eventually { try await connection.value(sleeps) == "1" }
      #expect(try await process.stop(SIGTERM) == 143)
      #expect(
        process.log.hasSuffix(
          "migrate: error: stopped by a signal\nNOW: it was a rehearsal; everything was rolled back.\nHINT: run migrate up --rehearse again to see the rest.\n"
        ),
        "\(process.log)")
      #expect(try await connection.value(sleeps) == "0")
      #expect(try await connection.value("SELECT to_regclass('a')") == nil)
      await connection.close()
    }
  }

  /// A lock that is not to be had: once, since a rehearsal is not tried again.
  @Test func aLockThatIsNotToBeHadEndsARehearsal() async throws {
    let folder = try SQLFolder([
      "migrations/0001_alter_a.sql": "-- migrate: lock_timeout=100ms\nALTER TABLE a ADD m int;\n"
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute("CREATE TABLE a (n int)")
      try await connection.execute("BEGIN; LOCK TABLE a")
      let result = try await folder.migrate("up", database, "--rehearse")
      #expect(result.status == 9)
      #expect(
        result.error.hasPrefix(
          "migrate: error: migrations/0001_alter_a.sql:2:1: ERROR: canceling statement due to lock timeout\n"
        ), "\(result.error)")
      #expect(
        result.error.hasSuffix(
          "NOW: it was a rehearsal; everything was rolled back.\nHINT: run migrate up --rehearse again when those that hold the lock are done.\n"
        ),
        "\(result.error)")
      await connection.close()
    }
  }
}
