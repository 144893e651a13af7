internal import Postgres
internal import TestSupport
internal import Testing

/// `migrate up --prune` where objects depend on each other, or are somebody else's by now.
@Suite(.timeLimit(.minutes(3))) struct PruneTests {
  /// Neither the names of the files nor the kinds tell the order.
  @Test func whatDependsOnOtherGoneObjectsIsDropped() async throws {
    let folder = try SQLFolder([
      "v/a.sql": "CREATE VIEW a AS SELECT 1 AS n;", "v/b.sql": "CREATE VIEW b AS SELECT n FROM a;",
      "v/c.sql": "CREATE FUNCTION c(r b) RETURNS int LANGUAGE sql AS 'SELECT 1';",
      "v/d.sql": "CREATE VIEW d AS SELECT c(b) FROM b;", "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      let up = try await folder.migrate("up", database)
      #expect(up.status == 0, "\(up.error)")
      for name in ["a", "b", "c", "d"] { try folder.remove("v/\(name).sql") }
      try folder.write("MANIFEST", "")
      let pruned = try await folder.migrate("up", database, "--prune")
      #expect(pruned.status == 0, "\(pruned.error)")
      #expect(
        pruned.output == """
          nothing to do: all 0 files are applied
          dropped  view public.a
          dropped  view public.b
          dropped  function public.c(public.b)
          dropped  view public.d

          """)
      let connection = try await database.connect()
      #expect(
        try await connection.value(
          "SELECT count(*) FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace"
        ) == "0")
      // Each row says where it was done.
      #expect(
        try await connection.value(
          "SELECT count(*) FROM migrate.ledger WHERE event = 'pruned' AND host <> ''") == "4")
      await connection.close()
    }
  }

  /// Those without arguments, too, and those whose arguments are ordered.
  @Test func aggregatesAreRecordedAndDropped() async throws {
    let make = """
      CREATE OR REPLACE FUNCTION plus(int, int) RETURNS int LANGUAGE sql AS 'SELECT $1 + $2';
      CREATE OR REPLACE AGGREGATE total(int) (SFUNC = plus, STYPE = int, INITCOND = '0');
      CREATE OR REPLACE AGGREGATE rows(*) (SFUNC = int8inc, STYPE = int8, INITCOND = '0');
      CREATE OR REPLACE AGGREGATE share(float8 ORDER BY anyelement)
          (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
      """
    let folder = try SQLFolder(["f/total.sql": make, "MANIFEST": "f"])
    try await TestDatabase.with(.empty) { database in
      // They may be applied again.
      for text in [make, make + "SELECT 1;"] {
        try folder.write("f/total.sql", text)
        let up = try await folder.migrate("up", database)
        #expect(up.status == 0 && up.error == "", "\(up.error)")
      }
      let show = try await folder.migrate("show", database, "f/total.sql")
      let objects = [
        "aggregate public.rows()",
        "aggregate public.share(double precision,pg_catalog.anyelement)",
        "aggregate public.total(integer)", "function public.plus(integer,integer)",
      ]
      for object in objects {
        #expect(show.output.contains("makes        \(object)\n"), "\(show.output)")
      }

      try folder.write("f/total.sql", "SELECT 1;")
      let told = try await folder.migrate("up", database)
      #expect(
        told.error
          == objects.map {
            "stale: \($0): f/total.sql no longer makes it; migrate up --prune drops it\n"
          }.joined(), "\(told.error)")
      let pruned = try await folder.migrate("up", database, "--prune")
      #expect(pruned.status == 0, "\(pruned.error)")
      #expect(
        pruned.output
          == "nothing to do: all 1 files are applied\n"
          + objects.map { "dropped  \($0)\n" }.joined(), "\(pruned.output)")
      let connection = try await database.connect()
      #expect(
        try await connection.value(
          "SELECT count(*) FROM pg_proc WHERE oid >= 16384 AND pronamespace = 'public'::regnamespace"
        ) == "0")
      await connection.close()
    }
  }

  /// What is stale may be in use.
  @Test func aLockThatIsNotToBeHadIsWaitedFor() async throws {
    let folder = try SQLFolder(["v/a.sql": "CREATE VIEW a AS SELECT 1 AS n;", "MANIFEST": "v"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.remove("v/a.sql")
      try folder.write("MANIFEST", "")
      let connection = try await database.connect()
      try await connection.execute("BEGIN; SELECT n FROM a")
      let process = try DaemonProcess(
        Tool.product("migrate"), folder.arguments("up", database) + ["--prune"])
      // Who is in the way is shown while it waits.
      try await eventually("\(process.log)") {
        process.log.contains(
          #/--prune: view public\.a waits for a lock: pid [0-9]+ \(postgres, for /#)
      }
      try await process.waitForLine(
        "--prune: canceling statement due to lock timeout; attempt 2 of 11")
      try await connection.query("COMMIT")
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 0, "\(process.log)")
      #expect(try await connection.value("SELECT to_regclass('a')") == nil)
      await connection.close()
    }
  }

  /// Something that stays depends on one of them: then none goes.
  @Test func whatStaysKeepsWhatItNeeds() async throws {
    let folder = try SQLFolder([
      "v/a.sql": "CREATE VIEW a AS SELECT 1 AS n;", "v/b.sql": "CREATE VIEW b AS SELECT n FROM a;",
      "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      let connection = try await database.connect()
      try await connection.query("CREATE VIEW mine AS SELECT n FROM a")
      for name in ["a", "b"] { try folder.remove("v/\(name).sql") }
      try folder.write("MANIFEST", "")
      let refused = try await folder.migrate("up", database, "--prune")
      #expect(refused.status == 3)
      #expect(refused.error.contains("view mine depends on view a"), "\(refused.error)")
      #expect(
        try await connection.value("SELECT concat(to_regclass('a'), to_regclass('b'))") == "ab")
      await connection.close()
    }
  }

  /// Of a file that has gone `up` tells each time, also when nothing is to be applied.
  @Test func whatIsStaleIsToldUntilItIsDropped() async throws {
    let folder = try SQLFolder([
      "v/a.sql": "CREATE VIEW a AS SELECT 1 AS n;", "v/b.sql": "CREATE VIEW b AS SELECT 1 AS n;",
      "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      let up = try await folder.migrate("up", database)
      #expect(up.status == 0 && up.error == "", "\(up.error)")
      try folder.remove("v/a.sql")
      for _ in 1...2 {
        let again = try await folder.migrate("up", database)
        #expect(again.status == 0)
        #expect(again.output == "nothing to do: all 1 files are applied\n")
        #expect(
          again.error == "stale: view public.a: v/a.sql is gone; migrate up --prune drops it\n")
      }
      #expect(try await folder.migrate("up", database, "--prune").status == 0)
      #expect(try await folder.migrate("up", database).error == "")
    }
  }

  /// A later migration that makes it has taken it over; an earlier one has not.
  @Test func whatHasMovedIntoAMigrationStays() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_w.sql": "CREATE VIEW w AS SELECT 1 AS n;",
      "v/v.sql": "CREATE VIEW v AS SELECT 1 AS n; CREATE OR REPLACE VIEW w AS SELECT 2 AS n;",
      "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.remove("v/v.sql")
      try folder.write("MANIFEST", "")
      try folder.write(
        "migrations/0002_create_v.sql", "CREATE OR REPLACE VIEW v AS SELECT 2 AS n;")
      // It is told once, and not each time that nothing is to be done.
      let told = try await folder.migrate("up", database)
      #expect(told.error.contains("kept: view public.v: "), "\(told.error)")
      #expect(told.error.contains("stale: view public.w: v/v.sql is gone"), "\(told.error)")
      let silent = try await folder.migrate("up", database)
      #expect(!silent.error.contains("kept: "), "\(silent.error)")
      let pruned = try await folder.migrate("up", database, "--prune")
      #expect(pruned.status == 0, "\(pruned.error)")
      #expect(
        pruned.error
          == "kept: view public.v: migrations/0002_create_v.sql makes one of that name; if it is another one, drop it in a migration\n"
      )
      #expect(pruned.output.hasSuffix("dropped  view public.w\n"), "\(pruned.output)")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT n FROM v") == "2")
      #expect(try await connection.value("SELECT to_regclass('w')") == nil)
      await connection.close()
      let again = try await folder.migrate("up", database, "--prune")
      #expect(again.error == "" && again.output == "nothing to do: all 2 files are applied\n")
    }
  }
}
