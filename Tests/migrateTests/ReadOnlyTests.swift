internal import Postgres
internal import TestSupport
internal import Testing

/// Commands that only look cannot write, whatever the database does when it is looked at.
@Suite(.timeLimit(.minutes(3))) struct ReadOnlyTests {
  @Test(arguments: ["plan", "status", "history"])
  func whatLooksCannotWrite(command: String) async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1;"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      let connection = try await database.connect()
      // Comparing two names writes.
      try await connection.execute(
        """
        CREATE TABLE seen (n int);
        CREATE SCHEMA trap;
        CREATE FUNCTION trap.note(name, name) RETURNS boolean LANGUAGE sql VOLATILE
            AS 'INSERT INTO public.seen VALUES (1); SELECT $1 OPERATOR(pg_catalog.=) $2';
        CREATE OPERATOR trap.= (FUNCTION = trap.note, LEFTARG = name, RIGHTARG = name);
        ALTER DATABASE \(database.name) SET search_path = trap, pg_catalog, public;
        """)
      let result = try await folder.migrate(command, database)
      #expect(result.status == 3)
      #expect(
        result.error.contains("cannot execute INSERT in a read-only transaction"),
        "\(result.error)")
      #expect(try await connection.value("SELECT count(*) FROM seen") == "0")
      await connection.close()
    }
  }
}
