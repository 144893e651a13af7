internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// The commands beside `up` and `status`.
@Suite(.timeLimit(.minutes(3))) struct CommandTests {
  private static let a = ["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"]

  private func tool(_ arguments: String...) async throws -> Tool.Result {
    try await Tool.run(Tool.product("migrate"), arguments)
  }

  // MARK: Order and edits

  @Test func anOlderNumberIsRefusedAndRenumbered() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      "migrations/0003_create_c.sql": "CREATE TABLE c (n int);",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0002_create_b.sql", "CREATE TABLE b (n int);")
      for command in ["up", "status", "plan"] {
        let refused = try await folder.migrate(command, database)
        #expect(refused.status == 6)
        #expect(
          refused.error == """
            migrate: error: migrations/0002_create_b.sql is new, and migrations/0003_create_c.sql is applied already
            HINT: migrate renumber migrations/0002_create_b.sql puts it behind; if it may run later than its number says, write -- migrate: out-of-order-ok at its top.

            """)
      }
      let applied = try await folder.migrate("renumber", database, "3")
      #expect(applied.status == 6)
      #expect(
        applied.error.contains("migrations/0003_create_c.sql is applied: it keeps its number"))
      let renamed = try await folder.migrate("renumber", database, "migrations/0002_create_b.sql")
      #expect(renamed.output == "\(folder.path)/migrations/0004_create_b.sql\n", "\(renamed.error)")
      #expect(try await folder.migrate("up", database).status == 0)

      try folder.write(
        "migrations/0002_create_d.sql", "-- migrate: out-of-order-ok\nCREATE TABLE d (n int);")
      #expect(try await folder.migrate("up", database).status == 0)
      #expect(try await folder.migrate("status", database, "--check").status == 0)
    }
  }

  @Test func twoFilesOfOneNumberAreMended() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      "migrations/0001_create_b.sql": "CREATE TABLE b (n int);",
    ])
    try await TestDatabase.with(.empty) { database in
      let refused = try await folder.migrate("up", database)
      #expect(refused.status == 1)
      #expect(
        refused.error.contains(
          "HINT: migrate renumber migrations/0001_create_b.sql gives it the next free one."))
      #expect(try await folder.migrate("renumber", database, "1").status == 1)
      #expect(
        try await folder.migrate("renumber", database, "migrations/0001_create_b.sql").status == 0)
      #expect(try await folder.migrate("up", database).status == 0)
    }
  }

  @Test func anAppliedFileThatHasGoneIsRefused() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "SELECT 1", "migrations/0002_create_b.sql": "SELECT 1",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.remove("migrations/0001_create_a.sql")
      let result = try await folder.migrate("up", database)
      #expect(result.status == 6)
      #expect(
        result.error.contains(
          "migrations/0001_create_a.sql was applied, and is not among the files"))
    }
  }

  @Test func commentsAndWhiteSpaceAreToldApart() async throws {
    let folder = try SQLFolder(Self.a)
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write(
        "migrations/0001_create_a.sql",
        "-- The first.\nCREATE TABLE a (\n    n  int /* a /* b */ */\n);\n")
      let touched = try await folder.migrate("up", database)
      #expect(touched.status == 0)
      #expect(
        touched.error
          == "migrations/0001_create_a.sql: comments or white space were edited; it does what was applied\n"
      )
      try folder.write("migrations/0001_create_a.sql", "CREATE TABLE a (n bigint);")
      #expect(try await folder.migrate("up", database).status == 6)
      #expect(try await folder.migrate("repair", database, "1").status == 1)
      #expect(try await folder.migrate("repair", database, "1", "--reason", " ").status == 1)
      let repaired = try await folder.migrate(
        "repair", database, "migrations/0001_create_a.sql", "--reason", "n was widened by hand")
      #expect(repaired.output == "repaired  migrations/0001_create_a.sql\n", "\(repaired.error)")
      #expect(try await folder.migrate("up", database).status == 0)
      #expect(
        try await folder.migrate("repair", database, "1", "--reason", "x").output.hasPrefix(
          "nothing to do"))
      let history = try await folder.migrate("history", database, "--last", "1")
      #expect(history.output.contains("repaired  migrations/0001_create_a.sql"))
      #expect(history.output.hasSuffix(": n was widened by hand\n"), "\(history.output)")
    }
  }

  // MARK: baseline, new, show

  @Test func aBaselineRunsNothing() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      "migrations/0002_create_b.sql": "CREATE TABLE b (n int);",
      "migrations/0005_create_c.sql": "CREATE TABLE c (n int);",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("baseline", database, "--at", "3").status == 1)
      let result = try await folder.migrate(
        "baseline", database, "--at", "2", "--reason", "by hand")
      #expect(
        result.output
          == "baselined  migrations/0001_create_a.sql\nbaselined  migrations/0002_create_b.sql\n",
        "\(result.error)")
      #expect(try await folder.migrate("up", database).status == 0)
      let connection = try await database.connect()
      #expect(
        try await connection.value(
          "SELECT concat(to_regclass('a'), to_regclass('b'), to_regclass('c'))") == "c")
      await connection.close()
      let again = try await folder.migrate("baseline", database, "--at", "2")
      #expect(again.status == 6)
      #expect(again.error.contains("the database has a history already"))
    }
  }

  @Test func aNewFileHasTheNextNumber() async throws {
    let folder = try SQLFolder(["migrations/0007_create_a.sql": ""])
    let path = folder.path
    var result = try await tool("new", "create_b", "--sql-dir", path)
    #expect(result.output == "\(path)/migrations/0008_create_b.sql\n", "\(result.error)")
    result = try await tool("new", "index_b", "--no-transaction", "--sql-dir", path)
    #expect(result.output == "\(path)/migrations/0009_index_b.sql\n")
    #expect(
      try String(contentsOfFile: "\(path)/migrations/0009_index_b.sql", encoding: .utf8)
        == "-- migrate: no-transaction\n\n")
    for title in ["Create_a", "create", "create-a", "../create_a"] {
      #expect(try await tool("new", title, "--sql-dir", path).status == 1)
    }
    let empty = try SQLFolder()
    result = try await tool("new", "create_a", "--sql-dir", empty.path)
    #expect(result.output == "\(empty.path)/migrations/0001_create_a.sql\n")
    #expect(try await tool("new", "create_a", "--sql-dir", "/nowhere").status == 1)
  }

  @Test func oneFileIsShown() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a\n  (n int);\n\nINSERT INTO a VALUES (1);\n"
    ])
    try await TestDatabase.with(.empty) { database in
      var result = try await folder.migrate("show", database, "1")
      #expect(
        result.output.replacing(/[0-9a-f]{64}/, with: "H") == """
          file         migrations/0001_create_a.sql
          state        pending
          sha256       H
          transaction  one for the whole file
          statement    1 at 1:1: CREATE TABLE a (n int);
          statement    2 at 4:1: INSERT INTO a VALUES (1);

          """, "\(result.error)")
      #expect(try await folder.migrate("up", database).status == 0)
      result = try await folder.migrate("show", database, "migrations/0001_create_a.sql")
      #expect(result.output.contains("state        applied\n"))
      #expect(result.output.contains("Z  applied  migrations/0001_create_a.sql"))
      #expect(try await folder.migrate("show", database, "2").status == 1)
    }
  }

  @Test func aRepeatableFileIsShownWithWhatItMakes() async throws {
    let folder = try SQLFolder([
      "v/v.sql": "CREATE VIEW v AS SELECT 1; CREATE VIEW w AS SELECT 1;", "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      let result = try await folder.migrate("show", database, "v/v.sql")
      #expect(
        result.output.contains("makes        view public.v\nmakes        view public.w\n"),
        "\(result.output)\(result.error)")
    }
  }

  // MARK: plan, --to, --rehearse

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
            ACCESS EXCLUSIVE  a, 8192 bytes
          pending  migrations/0003_index_a.sql  1 statement, one transaction per statement
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
        failed.error.hasSuffix("NOW: it was a rehearsal; everything was rolled back.\n"),
        "\(failed.error)")
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
      #expect(try await folder.migrate("up", database, "--to", "7").status == 1)
    }
  }

  // MARK: unlock

  @Test func onlyOurOwnHolderIsEnded() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT pg_sleep(60);"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("unlock", database).output == "nobody holds the lock\n")
      let connection = try await database.connect()
      try await connection.query("SELECT pg_advisory_lock(x'6d696772617465'::bigint)")
      let pid = await connection.backendPID
      let foreign = try await folder.migrate("unlock", database, "--pid", "\(pid)")
      #expect(foreign.status == 5)
      #expect(foreign.error.contains("pid \(pid) is no session of migrate but of \"\""))
      #expect(foreign.error.contains("NOW: nothing was ended."))
      try await connection.query("SELECT pg_advisory_unlock_all()")

      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await eventually {
        try await connection.value(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        ) == "1"
      }
      let holder = try await connection.value(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
      )!
      let shown = try await folder.migrate("unlock", database)
      #expect(shown.status == 5)
      #expect(
        shown.error.contains(
          "the lock is held by pid \(holder), postgres at the socket, connected for 00:0"),
        "\(shown.error)")
      #expect(shown.error.hasSuffix("HINT: if it hangs, migrate unlock --pid \(holder) ends it.\n"))
      #expect(try await folder.migrate("unlock", database, "--pid", "\(pid)").status == 1)
      let ended = try await folder.migrate("unlock", database, "--pid", holder)
      #expect(ended.status == 0, "\(ended.error)")
      #expect(ended.output.hasPrefix("ended pid \(holder), postgres at the socket"))
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 2)
      #expect(try await folder.migrate("unlock", database).output == "nobody holds the lock\n")
      await connection.close()
    }
  }
}
