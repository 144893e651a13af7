internal import Postgres
internal import TestSupport
internal import Testing

/// What `migrate plan` says once, and what `up --plan` says of a plan that no longer fits.
@Suite(.timeLimit(.minutes(3))) struct PlanLinesTests {
  /// One table is one line, however it is called.
  @Test func aTableIsNamedOnce() async throws {
    let folder = try SQLFolder([
      "migrations/0001_alter_a.sql": """
      ALTER TABLE public.a ADD m int;
      UPDATE a SET m = 1;
      INSERT INTO s.a VALUES (1);
      CREATE INDEX ON b (n);
      CREATE INDEX ON public.b (n);
      DROP INDEX a_n;
      """
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        "CREATE TABLE a (n int); CREATE INDEX a_n ON a (n); CREATE SCHEMA s; CREATE TABLE s.a (n int)"
      )
      await connection.close()
      let result = try await folder.migrate("plan", database)
      #expect(
        result.output.hasSuffix(
          """
            6:1: DROP INDEX a_n;
            SHARE  b, not there yet
            ACCESS EXCLUSIVE  public.a, 8192 bytes
            ROW EXCLUSIVE  s.a, 0 bytes

          """), "\(result.output)\(result.error)")
    }
  }

  /// Only MANIFEST has changed: which files that moves is said.
  @Test func anotherOrderIsNotThePlan() async throws {
    let folder = try SQLFolder([
      "v/a.sql": "CREATE VIEW a AS SELECT 1 AS n;", "v/b.sql": "CREATE VIEW b AS SELECT 1 AS n;",
      "MANIFEST": "v/a.sql\nv/b.sql\n",
    ])
    try await TestDatabase.with(.empty) { database in
      let plan = "\(folder.path)/plan.json"
      #expect(try await folder.migrate("plan", database, "--out", plan).status == 0)
      try folder.write("MANIFEST", "v/b.sql\nv/a.sql\n")
      let refused = try await folder.migrate("up", database, "--plan", plan)
      #expect(refused.status == 6)
      #expect(
        refused.error == """
          migrate: error: the files come in another order than was planned: v/b.sql where v/a.sql was
          NOW: nothing was applied.
          HINT: look at a new plan: migrate plan.

          """)
    }
  }
}
