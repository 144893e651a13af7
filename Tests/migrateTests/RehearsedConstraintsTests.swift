internal import Postgres
internal import SQLScript
internal import TestSupport
internal import Testing

@testable internal import migrate

/// What a rehearsal makes of what is deferred to COMMIT, which it never comes to, and of the runner's lock: it
/// ends as the real run does.
@Suite(.timeLimit(.minutes(3))) struct RehearsedConstraintsTests {
  /// Rehearses, and then does it.
  private func both(
    _ files: [String: String],
    _ check: (_ rehearsed: Tool.Result, _ real: Tool.Result, PostgresConnection) async throws ->
      Void
  ) async throws {
    let folder = try SQLFolder(files)
    try await TestDatabase.with(.empty) { database in
      let rehearsed = try await folder.migrate("up", database, "--rehearse")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regclass('a')") == nil)
      let real = try await folder.migrate("up", database)
      try await check(rehearsed, real, connection)
      await connection.close()
    }
  }

  private static let tables = """
    CREATE TABLE a (n int PRIMARY KEY);
    CREATE TABLE b (n int CONSTRAINT b_a REFERENCES a DEFERRABLE INITIALLY DEFERRED);

    """

  @Test(arguments: [
    ("migrations/0002_insert_b.sql", "INSERT INTO b VALUES (1);\n", ""),
    (
      "migrations/0002_insert_b.sql",
      "-- migrate: no-transaction\nSET CONSTRAINTS ALL DEFERRED;\nINSERT INTO b VALUES (1);\n",
      ":3:1"
    ),
    ("v/b.sql", "INSERT INTO b VALUES (1);\n", ""),
  ])
  func whatFailsAtCommitFailsInARehearsal(path: String, text: String, place: String) async throws {
    try await both([
      "migrations/0001_create_a.sql": Self.tables, path: text,
      "MANIFEST": path.hasPrefix("v/") ? "v" : "",
    ]) { (rehearsed, real, _) async throws in
      let message =
        "migrate: error: \(path)\(place): ERROR: insert or update on table \"b\" violates foreign key constraint \"b_a\"\nSQLSTATE: 23503\n"
      #expect(rehearsed.status == 3)
      #expect(rehearsed.error.hasPrefix(message), "\(rehearsed.error)")
      #expect(
        rehearsed.error.hasSuffix(
          "NOW: it was a rehearsal; everything was rolled back.\nHINT: it was deferred: in a real run it comes before COMMIT.\nHINT: mend it, and run migrate up --rehearse again.\n"
        ), "\(rehearsed.error)")
      #expect(real.status == (place.isEmpty ? 3 : 10))
      #expect(real.error.hasPrefix(message), "\(real.error)")
    }
  }

  /// A constraint that is not deferred, of a table that one statement makes and fills: of the second file on,
  /// where it would be deferred in a rehearsal.
  @Test func whatAStatementMakesAndBreaksNamesItsPlace() async throws {
    try await both([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int PRIMARY KEY);",
      "migrations/0002_create_b.sql": """
      SELECT 1;
      DO $$ BEGIN
        CREATE TABLE b (n int CONSTRAINT b_a REFERENCES a DEFERRABLE);
        INSERT INTO b VALUES (1);
      END $$;
      """,
    ]) { (rehearsed, real, _) async throws in
      for (result, now) in [(rehearsed, "it was a rehearsal"), (real, "rolled back")] {
        #expect(result.status == 3)
        #expect(
          result.error.hasPrefix(
            "migrate: error: migrations/0002_create_b.sql:2:1: ERROR: insert or update on table \"b\" violates foreign key constraint \"b_a\"\n"
          ), "\(result.error)")
        #expect(result.error.contains(now), "\(result.error)")
      }
    }
  }

  @Test(arguments: [
    ("CREATE TABLE b (n int)", true), ("CREATE UNLOGGED TABLE b (n int)", true),
    ("ALTER TABLE b ADD UNIQUE (n) DEFERRABLE", true), ("DO $$ $$", true), ("SELECT f()", true),
    ("CREATE CONSTRAINT TRIGGER t AFTER INSERT ON b EXECUTE FUNCTION f()", true),
    ("INSERT INTO b VALUES (1)", false), ("CREATE INDEX i ON b (n)", false),
    ("COMMENT ON TABLE b IS 'x'", false), ("GRANT SELECT ON b TO c", false),
    ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", false),
  ])
  func onlyWhatMayMakeAConstraintIsAskedFor(text: String, isAsked: Bool) throws {
    let statement = try #require(try Script(text + ";").steps.first).statement
    #expect(RehearsedConstraints.mayDefine(statement) == isAsked)
  }

  /// Each file finds what the deferred triggers of the one before have done, no event that waits, and every
  /// constraint as it is at the beginning of a transaction.
  @Test func eachFileFindsWhatACommitLeaves() async throws {
    let isRefused = { (insert: String) in
      """
      DO $$ BEGIN
        BEGIN
          \(insert);
        EXCEPTION WHEN unique_violation THEN RETURN;
        END;
        RAISE 'it was deferred';
      END $$;

      """
    }
    try await both([
      "migrations/0001_create_a.sql": Self.tables + """
        CREATE TABLE audit (n int, u text);
        CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN INSERT INTO audit VALUES (NEW.n, current_setting(''a.b'')); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER audit AFTER INSERT ON a DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION audit();
        CREATE TABLE immediate (n int CONSTRAINT "N" UNIQUE DEFERRABLE);
        -- One name, two kinds.
        CREATE TABLE mixed (n int CONSTRAINT same REFERENCES a, m int);
        CREATE TABLE mixed_too (n int CONSTRAINT same REFERENCES a DEFERRABLE INITIALLY DEFERRED);
        SET a.b = 'of the file';
        INSERT INTO a VALUES (1);
        """,
      "migrations/0002_alter_a.sql": """
      DO $$ BEGIN
        IF (SELECT string_agg(n || u, ' ') FROM audit) <> '1of the file' THEN RAISE 'no audit'; END IF;
      END $$;
      ALTER TABLE a ADD m int;
      -- Deferred still, and again.
      INSERT INTO b VALUES (2);
      SET a.b = '';
      INSERT INTO a VALUES (2);
      SET CONSTRAINTS ALL DEFERRED;
      INSERT INTO immediate VALUES (1), (1);
      CREATE TABLE here (n int UNIQUE DEFERRABLE);
      INSERT INTO here VALUES (1), (1);
      DELETE FROM here;
      DELETE FROM immediate;
      """,
      "migrations/0003_create_late.sql": isRefused("INSERT INTO immediate VALUES (1), (1)")
        + "CREATE TABLE late (n int UNIQUE DEFERRABLE);\n"
        + isRefused("INSERT INTO late VALUES (1), (1)")
          + """
          SET CONSTRAINTS "N", late_n_key DEFERRED;
          INSERT INTO immediate VALUES (1), (1);
          CREATE TABLE later (n int UNIQUE DEFERRABLE INITIALLY DEFERRED);
          INSERT INTO late VALUES (1), (1);
          INSERT INTO later VALUES (1), (1);
          DELETE FROM immediate; DELETE FROM late; DELETE FROM later;
          """,
      "migrations/0004_insert_late.sql":
        "-- migrate: no-transaction\nSET CONSTRAINTS ALL DEFERRED;\n",
      "v/v.sql": isRefused("INSERT INTO late VALUES (1), (1)")
        + "INSERT INTO b VALUES (3);\nSET CONSTRAINTS ALL DEFERRED;\nINSERT INTO late VALUES (1), (1);\n",
      "v/w.sql":
        "SET a.b = '';\nDELETE FROM late;\nINSERT INTO a VALUES (3);\nSET CONSTRAINTS ALL IMMEDIATE;\n",
      "MANIFEST": "v",
    ]) { (rehearsed, real, connection) async throws in
      #expect(rehearsed.status == 0, "\(rehearsed.error)")
      #expect(real.status == 0, "\(real.error)")
      #expect(try await connection.value("SELECT count(*) FROM audit") == "3")
    }
  }

  @Test(arguments: [
    ("migrations/0002_create_b.sql", ""),
    ("migrations/0002_create_b.sql", "-- migrate: no-transaction\n"), ("v/b.sql", ""),
  ])
  func aFileThatReleasesTheLockIsRefused(path: String, header: String) async throws {
    try await both([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      path: header + "SELECT pg_advisory_unlock_all();\n",
      "MANIFEST": path.hasPrefix("v/") ? "v" : "",
    ]) { (rehearsed, real, _) async throws in
      #expect(rehearsed.status == 1)
      #expect(
        rehearsed.error == """
          migrate: error: \(path) has released the lock that lets one runner work at a time
          NOW: it was a rehearsal; everything was rolled back.
          HINT: leave out pg_advisory_unlock_all(), or what calls it: it releases every lock.

          """)
      #expect(real.status == 1)
      #expect(
        real.error.hasPrefix("migrate: error: \(path) has released the lock"), "\(real.error)")
    }
  }

  /// By what is deferred, too.
  @Test func aDeferredTriggerThatReleasesTheLockIsRefused() async throws {
    try await both([
      "migrations/0001_create_a.sql": """
      CREATE TABLE a (n int);
      CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql
          AS 'BEGIN PERFORM pg_advisory_unlock_all(); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER f AFTER INSERT ON a DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION f();
      INSERT INTO a VALUES (1);
      """
    ]) { (rehearsed, real, _) async throws in
      for result in [rehearsed, real] {
        #expect(result.status == 1)
        #expect(result.error.contains("has released the lock"), "\(result.error)")
      }
    }
  }
}
