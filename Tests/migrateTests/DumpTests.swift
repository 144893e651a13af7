internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// What pg_dump writes is a migration, as it is.
@Suite(.timeLimit(.minutes(3))) struct DumpTests {
  /// More columns than anybody counts, and data that look like SQL.
  private static let world = """
    CREATE SCHEMA s;
    CREATE TYPE s.mood AS ENUM ('sad; so', 'glad');
    DO $$ BEGIN
        EXECUTE format('CREATE TABLE s.wide (id int PRIMARY KEY, %s)',
            (SELECT string_agg(format('c%s text', n), ', ') FROM generate_series(1, 150) AS n));
    END $$;
    INSERT INTO s.wide (id, c1, c99, c150)
        VALUES (1, E'a\\tb\\\\c\\nd', 'DROP TABLE s.wide;', '\\.'), (2, NULL, '''', '$$');
    CREATE TABLE s.narrow (id int REFERENCES s.wide, mood s.mood, at timestamptz DEFAULT now());
    INSERT INTO s.narrow VALUES (1, 'sad; so', '2026-01-01');
    CREATE VIEW s.v AS SELECT w.id, n.mood FROM s.wide AS w JOIN s.narrow AS n USING (id);
    CREATE FUNCTION s.f(n int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT n + 1; END;
    CREATE FUNCTION s.g() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN RETURN NEW; END; $body$;
    CREATE TRIGGER t BEFORE INSERT ON s.narrow FOR EACH ROW EXECUTE FUNCTION s.g();
    COMMENT ON TABLE s.wide IS 'it''s; wide';
    """

  private func dump(_ database: TestDatabase) async throws -> String {
    let dump = try await Tool.run(
      "\(Stack.current.postgresBin)/pg_dump",
      ["--restrict-key=x", "--schema=s", "-d", database.conninfo()])
    #expect(dump.status == 0, "\(dump.error)")
    return dump.output
  }

  @Test func aDumpIsAMigration() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(Self.world)
      await connection.close()
      let text = try await dump(database)
      #expect(text.contains("\\restrict x\n") && text.contains("COPY s.wide (id, c1, c2"))
      let folder = try SQLFolder([
        "migrations/0001_create_all.sql": text,
        "migrations/0002_create_b.sql": "CREATE TABLE b (n int);",
      ])
      try await TestDatabase.with(.empty) { copy in
        let result = try await folder.migrate("up", copy)
        #expect(result.status == 0, "\(result.error)")
        #expect(try await dump(copy) == text)
        // The dump's empty search_path ended with it.
        let connection = try await copy.connect()
        #expect(try await connection.value("SELECT to_regclass('public.b')") == "b")
        await connection.close()
      }
    }
  }
}
