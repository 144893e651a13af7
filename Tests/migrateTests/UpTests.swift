internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@Suite(.timeLimit(.minutes(3))) struct UpTests {
  static let files = [
    "migrations/0001_create_t.sql": "CREATE TABLE public.t (n integer);\n",
    "migrations/0002_fill_t.sql":
      "INSERT INTO public.t VALUES (1);\nINSERT INTO public.t VALUES (2);\n",
    "MANIFEST": "# order\nfunctions/b.sql\nfunctions  # the rest\n",
    "functions/a.sql":
      "CREATE OR REPLACE FUNCTION public.a() RETURNS integer LANGUAGE sql AS 'SELECT public.b() + 1';\n",
    "functions/b.sql":
      "CREATE OR REPLACE FUNCTION public.b() RETURNS integer LANGUAGE sql AS 'SELECT 1';\n",
  ]

  @Test func everyFileIsAppliedOnce() async throws {
    try await Project.with(Self.files) { project in
      let first = try await project.migrate("up")
      #expect(first.status == 0, "\(first.error)")
      let applied = first.output.split(separator: "\n").filter { $0.hasPrefix("applied") }
      #expect(
        applied.map { $0.split(separator: " ")[1] } == [
          "migrations/0001_create_t.sql", "migrations/0002_fill_t.sql", "functions/b.sql",
          "functions/a.sql",
        ])
      #expect(applied.allSatisfy { $0.hasSuffix(" ms") })
      #expect(try await project.value("SELECT public.a()") == "2")

      let second = try await project.migrate("up")
      #expect(second.status == 0)
      #expect(second.output == "nothing to do: all 4 files are applied\n")
      #expect(try await project.value("SELECT count(*) FROM public.t") == "2")
    }
  }

  @Test func aChangedRepeatableFileIsAppliedAgain() async throws {
    try await Project.with(Self.files) { project in
      _ = try await project.migrate("up")
      try project.write(
        "functions/b.sql",
        "CREATE OR REPLACE FUNCTION public.b() RETURNS integer LANGUAGE sql AS 'SELECT 41';\n")
      let status = try await project.migrate("status")
      #expect(status.output.contains("changed  functions/b.sql"))
      let check = try await project.migrate("status", "--check")
      #expect(check.status == 4)
      let up = try await project.migrate("up")
      #expect(up.output.contains("functions/b.sql") && !up.output.contains("functions/a.sql"))
      #expect(try await project.value("SELECT public.a()") == "42")
      // Every application is in the ledger, which nobody changes.
      #expect(try await project.value("SELECT count(*) FROM migrate.ledger") == "5")
    }
  }

  @Test func theLedgerIsAppendOnly() async throws {
    try await Project.with(Self.files) { project in
      _ = try await project.migrate("up")
      let connection = try await project.database.connect()
      for statement in ["UPDATE migrate.ledger SET hash = ''", "DELETE FROM migrate.ledger"] {
        let state = await sqlState { try await connection.query(statement) }
        #expect(state == "42501")
      }
      await connection.close()
    }
  }

  @Test func anEditedFileIsRefused() async throws {
    try await Project.with(Self.files) { project in
      _ = try await project.migrate("up")
      try project.write("migrations/0001_create_t.sql", "CREATE TABLE public.t (n bigint);\n")
      try project.write("migrations/0003_create_u.sql", "CREATE TABLE public.u ();\n")
      let up = try await project.migrate("up")
      #expect(up.status == 6)
      #expect(up.error.contains("migrations/0001_create_t.sql was edited"))
      #expect(up.error.contains("HINT"))
      #expect(try await project.value("SELECT to_regclass('public.u')") == nil)
    }
  }

  @Test func lineEndsAndTrailingWhiteSpaceAreNoEdit() async throws {
    try await Project.with(Self.files) { project in
      _ = try await project.migrate("up")
      try project.write(
        "migrations/0001_create_t.sql", "\u{FEFF}CREATE TABLE public.t (n integer);  \r\n\r\n")
      #expect(try await project.migrate("up").status == 0)
    }
  }

  @Test func aDatabaseThatIsNewerIsRefused() async throws {
    try await Project.with(Self.files) { project in
      _ = try await project.migrate("up")
      try FileManager.default.removeItem(atPath: "\(project.folder)/migrations/0002_fill_t.sql")
      let up = try await project.migrate("up")
      #expect(up.status == 11)
      #expect(up.error.contains("0002_fill_t.sql"))
    }
  }

  @Test func anErrorShowsTheLineAndNothingOfTheFileStays() async throws {
    try await Project.with(Self.files) { project in
      try project.write(
        "migrations/0003_break_it.sql",
        "CREATE TABLE public.u (n integer);\n\nSELECT 'ä', nothing FROM public.t;\n")
      let up = try await project.migrate("up")
      #expect(up.status == 3)
      let lines = up.error.split(separator: "\n").map(String.init)
      #expect(
        lines[0].contains(
          "migrations/0003_break_it.sql:3:13: ERROR: column \"nothing\" does not exist"))
      #expect(lines[1] == "SELECT 'ä', nothing FROM public.t;")
      #expect(lines[2] == "            ^")
      #expect(lines[3] == "SQLSTATE: 42703")
      #expect(
        up.error.contains(
          "NOW: migrations/0003_break_it.sql rolled back; 2 files before it stay applied"))
      #expect(try await project.value("SELECT to_regclass('public.u')") == nil)
      // Mended, it goes on from there.
      try project.write("migrations/0003_break_it.sql", "CREATE TABLE public.u (n integer);\n")
      #expect(try await project.migrate("up").status == 0)
    }
  }

  @Test func whatAFileSetsEndsWithIt() async throws {
    try await Project.with([
      "migrations/0001_set_things.sql":
        "SET search_path = pg_catalog; SET ROLE pg_monitor; SET statement_timeout = 1; RESET ROLE;\n",
      "migrations/0002_look.sql":
        "CREATE TABLE seen AS SELECT current_user AS who, current_setting('search_path') AS path, current_setting('row_security') AS rls;\n",
    ]) { project in
      let up = try await project.migrate("up")
      #expect(up.status == 0, "\(up.error)")
      #expect(
        try await project.value("SELECT who || '/' || rls FROM public.seen") == "postgres/off")
    }
  }

  @Test(arguments: ["COMMIT;", "ROLLBACK;", "COMMIT; BEGIN;"])
  func aFileThatEndsItsTransactionIsRefused(statement: String) async throws {
    try await Project.with(["migrations/0001_end_it.sql": "SELECT 1;\n\(statement)\n"]) { project in
      let up = try await project.migrate("up")
      #expect(up.status == 1)
      #expect(up.error.contains("ends its transaction"))
      #expect(try await project.value("SELECT count(*) FROM migrate.ledger") == "0")
    }
  }

  @Test(arguments: [
    (["migrations/0001_a.sql": "", "migrations/0003_c.sql": ""], "no migration has the number 2"),
    (["migrations/0001_a.sql": "", "migrations/00001_b.sql": ""], "the same number"),
    (["migrations/first.sql": ""], "is not named"),
    (["migrations/0001_a.sql": "-- migrate: nonsense\n"], "unknown header"),
    (["MANIFEST": "functions/none.sql\n"], "MANIFEST:1"),
    (["MANIFEST": "", "functions/a.sql": ""], "MANIFEST does not name functions/a.sql"),
  ])
  func wrongFilesAreRefusedBeforeAnythingRuns(files: [String: String], words: String) async throws {
    try await Project.with(files) { project in
      let up = try await project.migrate("up")
      #expect(up.status == 1)
      #expect(up.error.contains(words), "\(up.error)")
      #expect(try await project.value("SELECT to_regclass('migrate.ledger')") == nil)
    }
  }

  @Test func tenRunnersApplyEachFileOnce() async throws {
    var files = Self.files
    for number in 3...8 {
      files["migrations/000\(number)_fill_t.sql"] =
        "INSERT INTO public.t VALUES (\(number)); SELECT pg_sleep(0.05);\n"
    }
    try await Project.with(files) { project in
      try await withThrowingTaskGroup(of: Tool.Result.self) { group in
        for _ in 0..<10 { group.addTask { try await project.migrate("up") } }
        for try await result in group { #expect(result.status == 0, "\(result.error)") }
      }
      #expect(try await project.value("SELECT count(*) FROM public.t") == "8")
      #expect(try await project.value("SELECT count(*) FROM migrate.ledger") == "10")
    }
  }

  @Test func afterAKillInTheMiddleOfAFileTheNextRunCompletes() async throws {
    var files = Self.files
    files["migrations/0003_take_long.sql"] =
      "INSERT INTO public.t VALUES (3);\nSELECT pg_sleep(5);\nINSERT INTO public.t VALUES (4);\n"
    try await Project.with(files) { project in
      let killed = try DaemonProcess(Tool.product("migrate"), ["up"] + project.arguments)
      try await eventually {
        try await project.value(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        )
          == "1"
      }
      try await killed.stop(SIGKILL)
      #expect(try await project.value("SELECT count(*) FROM public.t") == "2")
      // The server notices within two seconds that nobody listens, and gives the lock back.
      let up = try await project.migrate("up")
      #expect(up.status == 0, "\(up.error)")
      #expect(up.error.contains("waiting for another runner"))
      #expect(try await project.value("SELECT count(*) FROM public.t") == "4")
    }
  }

  @Test func aSignalRollsBackAndSaysSo() async throws {
    try await Project.with([
      "migrations/0001_take_long.sql": "CREATE TABLE public.t (); SELECT pg_sleep(60);\n"
    ]) { project in
      for (signal, code) in [(SIGINT, 130 as Int32), (SIGTERM, 143)] {
        let run = try DaemonProcess(Tool.product("migrate"), ["up"] + project.arguments)
        try await eventually {
          try await project.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
          )
            == "1"
        }
        #expect(try await run.stop(signal) == code, "\(run.log)")
        #expect(run.log.contains("stopped by a signal"))
        #expect(try await project.value("SELECT to_regclass('public.t')") == nil)
      }
    }
  }

  @Test func anotherRunnerIsWaitedForSoLongAndNoLonger() async throws {
    try await Project.with(Self.files) { project in
      let holder = try await project.database.connect()
      try await holder.query("SELECT pg_advisory_lock(x'6d696772617465'::bigint)")
      let up = try await project.migrate("up", "--lock-timeout", "1")
      #expect(up.status == 5)
      #expect(up.error.contains("another runner holds the lock: pid "))
      await holder.close()
    }
  }
}
