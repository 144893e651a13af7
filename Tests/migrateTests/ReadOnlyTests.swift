internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Commands that only look cannot write, whatever the database does when it is looked at.
@Suite(.timeLimit(.minutes(3))) struct ReadOnlyTests {
  /// Lets a column of two views of the catalog, of which each command reads one, write when it is read.
  private static let trap = """
    CREATE TABLE public.seen (n int);
    CREATE FUNCTION public.note() RETURNS boolean LANGUAGE sql VOLATILE
        AS 'INSERT INTO public.seen VALUES (1); SELECT true';
    \(CatalogTrap.sql("pg_catalog.pg_roles", "rolsuper", "rolsuper AND public.note()"))
    \(CatalogTrap.sql("pg_catalog.pg_locks", "locktype", "CASE WHEN public.note() THEN locktype END"))
    """

  @Test(arguments: [
    ["plan"], ["status"], ["history"], ["show", "1"], ["renumber", "2"], ["unlock"],
  ])
  func whatLooksCannotWrite(command: [String]) async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1;"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0002_create_b.sql", "SELECT 2;")
      let connection = try await database.connect()
      // What `unlock` reads more of.
      try await connection.query("SELECT pg_advisory_lock(x'6d696772617465'::bigint)")
      try await connection.execute(Self.trap)
      let result = try await Tool.run(
        Tool.product("migrate"),
        command + ["-d", database.conninfo(), "--sql-dir", folder.path])
      #expect(result.status == 3)
      #expect(
        result.error.contains("cannot execute INSERT in a read-only transaction"),
        "\(result.error)")
      #expect(try await connection.value("SELECT count(*) FROM seen") == "0")
      #expect(FileManager.default.fileExists(atPath: "\(folder.path)/migrations/0002_create_b.sql"))
      // Whoever may write does, and so sees that the trap works.
      try await connection.query("SELECT rolsuper, locktype FROM pg_roles, pg_locks")
      #expect(try await connection.value("SELECT count(*) > 0 FROM seen") == "t")
      await connection.close()
    }
  }
}
