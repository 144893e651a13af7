internal import Postgres
internal import TestSupport
internal import Testing

/// What repeatable files have made, and no longer make.
@Suite(.timeLimit(.minutes(3))) struct ObjectTests {
  private func objects(_ connection: PostgresConnection) async throws -> String? {
    try await connection.value(
      """
      SELECT string_agg(l.path || ' ' || o.type || ' ' || o.identity, E'\\n' ORDER BY l.path COLLATE "C", o.type COLLATE "C", o.identity COLLATE "C")
      FROM migrate.objects AS o JOIN migrate.ledger AS l USING (entry_id)
      """)
  }

  @Test func objectsAreRecordedByFile() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql":
        "CREATE TABLE a (n int); CREATE FUNCTION old() RETURNS int LANGUAGE sql AS 'SELECT 1';",
      "f/f.sql": """
      CREATE OR REPLACE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE OR REPLACE FUNCTION f(t text) RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE OR REPLACE PROCEDURE "P q"() LANGUAGE sql AS 'SELECT 1';
      """,
      "f/t.sql": """
      CREATE OR REPLACE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE OR REPLACE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION tg();
      ALTER TABLE a ENABLE ALWAYS TRIGGER t;
      """,
      "f/v.sql": """
      DROP POLICY IF EXISTS p ON a;
      CREATE POLICY p ON a USING (true);
      CREATE OR REPLACE VIEW v AS SELECT f(1);
      DROP MATERIALIZED VIEW IF EXISTS m;
      CREATE MATERIALIZED VIEW m AS SELECT 1 AS n;
      DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW w AS SELECT 1'; END $$;
      """,
      "f/z.sql":
        "REVOKE ALL ON FUNCTION f(int) FROM PUBLIC; REVOKE ALL ON FUNCTION old() FROM PUBLIC;",
      "MANIFEST": "f",
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      var result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
      let all = """
        f/f.sql function public.f(integer)
        f/f.sql function public.f(pg_catalog.text)
        f/f.sql procedure public."P q"()
        f/t.sql function public.tg()
        f/t.sql trigger t on public.a
        f/v.sql materialized view public.m
        f/v.sql policy p on public.a
        f/v.sql view public.v
        f/v.sql view public.w
        """
      #expect(try await objects(connection) == all)

      // An overload that was changed leaves the old one behind.
      try folder.write(
        "f/f.sql",
        """
        CREATE OR REPLACE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT 2';
        CREATE OR REPLACE FUNCTION f(t text, n int) RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE OR REPLACE PROCEDURE "P q"() LANGUAGE sql AS 'SELECT 1';
        """)
      result = try await folder.migrate("up", database)
      #expect(
        result.error
          == "stale: function public.f(pg_catalog.text): f/f.sql no longer makes it; migrate up --prune drops it\n"
      )
      try folder.remove("f/t.sql")
      result = try await folder.migrate("up", database)
      #expect(result.output.hasPrefix("nothing to do"))

      try await connection.query("CREATE VIEW mine AS SELECT f('x'::text)")
      result = try await folder.migrate("up", database, "--prune")
      #expect(result.status == 3)
      #expect(result.error.contains("other objects depend on it"))
      #expect(result.error.contains("NOW: the files are applied; nothing was dropped."))
      #expect(try await connection.value("SELECT to_regproc('tg')") == "tg")
      try await connection.query("DROP VIEW mine")

      result = try await folder.migrate("up", database, "--prune")
      #expect(
        result.output == """
          nothing to do: all 4 files are applied
          dropped  function public.f(pg_catalog.text)
          dropped  function public.tg()
          dropped  trigger t on public.a

          """, "\(result.error)")
      #expect(
        try await connection.value(
          "SELECT string_agg(oid::regprocedure::text, ' ' ORDER BY oid::regprocedure::text COLLATE \"C\") FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        ) == "\"P q\"() f(integer) f(text,integer) old()")
      #expect(
        try await folder.migrate("up", database, "--prune").output
          == "nothing to do: all 4 files are applied\n")

      // A file that comes back is applied again.
      try folder.write(
        "f/t.sql",
        "CREATE OR REPLACE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
      )
      #expect(try await folder.migrate("status", database).output.contains("pending  f/t.sql"))
      #expect(try await folder.migrate("up", database).status == 0)
      #expect(try await connection.value("SELECT to_regproc('tg')") == "tg")
      await connection.close()
    }
  }

  /// A function that moves to another file is that file's.
  @Test func whatMovesIsNotStale() async throws {
    let f = "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
    let folder = try SQLFolder(["f/a.sql": f, "MANIFEST": "f"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.remove("f/a.sql")
      try folder.write("f/b.sql", f)
      let result = try await folder.migrate("up", database, "--prune")
      #expect(result.status == 0)
      #expect(!result.output.contains("dropped"), "\(result.output)")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT f()") == "1")
      await connection.close()
    }
  }
}
