internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import migrate

/// `migrate plan`, `up --plan` and `up --to`.
@Suite(.timeLimit(.minutes(3))) struct PlanTests {
  @Test func aPlanWritesNothingAndIsHeldTo() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int); INSERT INTO a VALUES (1);"
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write(
        "migrations/0002_alter_a.sql", "ALTER TABLE a ADD m int;\nUPDATE a SET m = 1;")
      try folder.write(
        "migrations/0003_index_a.sql",
        "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY a_n ON a (n);\n")
      let plan = "\(folder.path)/plan.json"
      let result = try await folder.migrate("plan", database, "--out", plan)
      #expect(
        result.output == """
          pending  migrations/0002_alter_a.sql  2 statements, one transaction
            1:1: ALTER TABLE a ADD m int;
            2:1: UPDATE a SET m = 1;
            ACCESS EXCLUSIVE  a, 8192 bytes
          pending  migrations/0003_index_a.sql  1 statement, one transaction per statement
            2:1: CREATE INDEX CONCURRENTLY a_n ON a (n);
            SHARE UPDATE EXCLUSIVE  a, 8192 bytes

          """, "\(result.error)")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT count(*) FROM migrate.ledger") == "1")

      let text = try String(
        contentsOfFile: "\(folder.path)/migrations/0003_index_a.sql", encoding: .utf8)
      try folder.write("migrations/0003_index_a.sql", text + "-- more\n")
      var refused = try await folder.migrate("up", database, "--plan", plan)
      #expect(refused.status == 6)
      #expect(
        refused.error == """
          migrate: error: migrations/0003_index_a.sql has changed since the plan was made
          NOW: nothing was applied.
          HINT: look at a new plan: migrate plan.

          """)
      try folder.write("migrations/0003_index_a.sql", text)
      try folder.write("migrations/0004_create_d.sql", "SELECT 1;")
      refused = try await folder.migrate("up", database, "--plan", plan)
      #expect(refused.status == 6)
      #expect(
        refused.error.contains(
          "other files are pending than were planned: migrations/0004_create_d.sql"))
      try folder.remove("migrations/0004_create_d.sql")
      #expect(try await folder.migrate("up", database, "--plan", plan).status == 0)
      refused = try await folder.migrate("up", database, "--plan", plan)
      #expect(refused.status == 6)
      #expect(refused.error.contains("the database's history has changed since the plan was made"))
      #expect(try await folder.migrate("plan", database).output == "nothing to do\n")
      #expect(try await folder.migrate("up", database, "--plan", folder.path).status == 1)
      await connection.close()
    }
  }

  @Test func upStopsBehindANumber() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "SELECT 1;", "migrations/0002_create_b.sql": "SELECT 1;",
      "v/v.sql": "SELECT 1;", "MANIFEST": "v", "checks.sql": "SELECT 1 / 0",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database, "--to", "1")
      #expect(
        result.plainOutput
          == "applied  migrations/0001_create_a.sql  N ms\ndone: 1 of 3 files applied in N ms\n")
      #expect(
        try await folder.migrate("up", database, "--to", "1").output.hasPrefix("nothing to do"))
    }
  }

  /// As sqitch and Flyway have it: a number that no file has is a mistake, and not the next lower one.
  @Test func aNumberThatNoFileHasIsRefused() async throws {
    let folder = try SQLFolder([
      "migrations/0003_create_a.sql": "SELECT 1;", "migrations/0005_create_b.sql": "SELECT 1;",
      "migrations/0009_create_c.sql": "SELECT 1;",
    ])
    try await TestDatabase.with(.empty) { database in
      for (number, near) in [
        ("1", "nearest is migrations/0003_create_a.sql"),
        ("4", "nearest are migrations/0003_create_a.sql and migrations/0005_create_b.sql"),
        ("10", "nearest is migrations/0009_create_c.sql"),
      ] {
        for command in ["up", "plan"] {
          let refused = try await folder.migrate(command, database, "--to", number)
          #expect(refused.status == 1)
          #expect(
            refused.error == """
              migrate: error: no file has the number \(number)
              NOW: nothing was done.
              HINT: the \(near); migrate status lists them.

              """)
          #expect(refused.output == "")
        }
      }
      #expect(try await folder.migrate("plan", database, "--to", "0").status == 1)
      // Of a file that is applied it is told that it has gone.
      #expect(try await folder.migrate("up", database, "--to", "5").status == 0)
      try folder.remove("migrations/0005_create_b.sql")
      for command in ["up", "plan"] {
        let gone = try await folder.migrate(command, database, "--to", "5")
        #expect(gone.status == 6)
        #expect(
          gone.error.hasPrefix(
            "migrate: error: migrations/0005_create_b.sql was applied, and is not among the files\n"
          ),
          "\(gone.error)")
      }
    }
    // It is the mistake that is told, also where nobody answers.
    let unasked = try await Tool.run(
      Tool.product("migrate"), ["up", "--sql-dir", folder.path, "-h", "/nowhere", "--to", "4"])
    #expect(unasked.status == 1)
    #expect(unasked.error.hasPrefix("migrate: error: no file has the number 4\n"))
  }

  /// A plan that ends behind a number is applied as it was looked at.
  @Test func aPlanUpToANumberEndsThere() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "SELECT 1;", "migrations/0002_create_b.sql": "SELECT 1;",
    ])
    let file = "\(folder.path)/plan.json"
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("plan", database, "--to", "1", "--out", file).status == 0)
      let pruned = try await folder.migrate("up", database, "--plan", file, "--prune")
      #expect(pruned.status == 1, "\(pruned.output)")
      #expect(try await folder.migrate("up", database, "--plan", file, "--to", "2").status == 6)
      let applied = try await folder.migrate("up", database, "--plan", file)
      #expect(
        applied.plainOutput
          == "applied  migrations/0001_create_a.sql  N ms\ndone: 1 of 2 files applied in N ms\n",
        "\(applied.error)")
    }
  }

  /// A device is written to, not put aside; what cannot be written is said with the reason.
  /// What was agreed on is what is rehearsed, or nothing.
  @Test func aPlanIsRehearsed() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      "migrations/0002_create_b.sql": "CREATE TABLE b (n int);",
    ])
    let plan = "\(folder.path)/plan.json"
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("plan", database, "--to", "1", "--out", plan).status == 0)
      let rehearsed = try await folder.migrate("up", database, "--plan", plan, "--rehearse")
      #expect(rehearsed.status == 0, "\(rehearsed.error)")
      #expect(
        rehearsed.plainOutput.hasPrefix("rehearsed  migrations/0001_create_a.sql  N ms\n"),
        "\(rehearsed.output)")
      #expect(!rehearsed.output.contains("0002_create_b.sql"), "\(rehearsed.output)")
      try folder.write("migrations/0001_create_a.sql", "CREATE TABLE a (n bigint);")
      let refused = try await folder.migrate("up", database, "--plan", plan, "--rehearse")
      #expect(refused.status == 6 && refused.output == "")
      #expect(refused.error.contains("0001_create_a.sql has changed since the plan was made\n"))
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regclass('a')") == nil)
      await connection.close()
    }
  }

  @Test func aPlanIsWrittenWhereItIsWanted() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1;"])
    try await TestDatabase.with(.empty) { database in
      let shown = try await folder.migrate("plan", database, "--out", "/dev/stdout")
      #expect(shown.status == 0 && shown.output.contains("\"schema\" : 2"), "\(shown.error)")
      for (path, reason) in [
        ("/dev/full", "cannot write /dev/full: No space left on device"),
        ("/nowhere/plan", "No such file or directory"),
      ] {
        let failed = try await folder.migrate("plan", database, "--out", path)
        #expect(failed.status == 1)
        #expect(failed.error.contains(reason), "\(failed.error)")
      }
    }
  }

  /// What was looked at on one database, or with other values, is no plan for another.
  @Test func aPlanIsForOneDatabaseAndItsVariables() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE :name (n int);"])
    let file = "\(folder.path)/plan.json"
    try await TestDatabase.with(.empty) { database in
      let planned = try await folder.migrate("plan", database, "--out", file, "-v", "name=a")
      #expect(planned.status == 0, "\(planned.error)")
      let values = try await folder.migrate("up", database, "--plan", file, "-v", "name=b")
      #expect(values.status == 6)
      #expect(
        values.error.hasPrefix(
          "migrate: error: migrations/0001_create_a.sql: its variables have other values than in the plan\nNOW: nothing was applied.\n"
        ), "\(values.error)")
      try await TestDatabase.with(.empty) { other in
        let refused = try await folder.migrate("up", other, "--plan", file, "-v", "name=a")
        #expect(refused.status == 6)
        #expect(
          refused.error.contains("the plan was made for another database: \(database.name)"),
          "\(refused.error)")
      }
      #expect(try await folder.migrate("up", database, "--plan", file, "-v", "name=a").status == 0)
    }
  }

  /// Also where as many rows were written: the history is known by what they say.
  @Test func anotherHistoryOfTheSameLengthIsRefused() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1;"])
    let file = "\(folder.path)/plan.json"
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0002_create_b.sql", "SELECT 1;")
      #expect(try await folder.migrate("plan", database, "--out", file).status == 0)
      // Made anew under the same name.
      let connection = try await database.connect()
      try await connection.execute("DROP SCHEMA migrate CASCADE")
      #expect(try await folder.migrate("up", database, "--to", "1").status == 0)
      let refused = try await folder.migrate("up", database, "--plan", file)
      #expect(refused.status == 6)
      #expect(
        refused.error.contains("the database's history has changed since the plan was made"),
        "\(refused.error)")
      await connection.close()
    }
  }

  /// The lock is on the index's table; a partitioned table is as large as its partitions.
  @Test func sizesAndIndexesAreLookedUp() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": """
      CREATE TABLE a (n int) PARTITION BY RANGE (n);
      CREATE TABLE a1 PARTITION OF a FOR VALUES FROM (0) TO (10);
      CREATE TABLE a2 PARTITION OF a FOR VALUES FROM (10) TO (20);
      INSERT INTO a VALUES (1), (11);
      CREATE TABLE "B b" (n int);
      CREATE INDEX i ON "B b" (n);
      """
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0002_alter_a.sql", "ALTER TABLE a ADD m int;\nDROP INDEX i;")
      let plan = try await folder.migrate("plan", database)
      #expect(
        plan.output.hasSuffix(
          "\n  ACCESS EXCLUSIVE  \"B b\", 8192 bytes\n  ACCESS EXCLUSIVE  a, 16 kB\n"),
        "\(plan.output)\(plan.error)")
      let rehearsed = try await folder.migrate("up", database, "--rehearse")
      #expect(
        rehearsed.output.contains("\n  ACCESS EXCLUSIVE  a, 16 kB\n"), "\(rehearsed.output)")
    }
  }

  @Test func aPlanOfAnEmptyDatabaseLeavesItEmpty() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      for command in ["plan", "status", "history", "unlock"] {
        #expect(try await folder.migrate(command, database).status == 0)
      }
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regnamespace('migrate')") == nil)
      // The session that only looks refuses to write, whoever it is.
      try await MigrationWork.readOnly(connection)
      #expect(
        await sqlState { try await connection.execute("CREATE TABLE b (n int)") } == "25006")
      await connection.close()
    }
  }
}
