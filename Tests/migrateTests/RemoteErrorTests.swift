internal import Postgres
internal import TestSupport
internal import Testing

/// A statement that raises what the end of another connection is called, as dblink does: this one goes on, and
/// so it is an SQL error like any other.
@Suite(.timeLimit(.minutes(3))) struct RemoteErrorTests {
  private static let path = "migrations/0001_create_a.sql"

  /// No connection, of whoever connects.
  private static let remote = """
    DO $$ BEGIN
      RAISE EXCEPTION 'could not establish connection' USING ERRCODE = '08001';
    END $$;
    """

  @Test(arguments: [0, 1]) func aFileWithoutATransactionRecordsIt(done: Int) async throws {
    let before = done == 1 ? "CREATE TABLE a (n int);\n" : ""
    let folder = try SQLFolder([
      Self.path: "-- migrate: no-transaction\n\(before)SELECT 1;\n\(Self.remote)\n"
    ])
    try await TestDatabase.with(.empty) { database in
      let up = try await folder.migrate("up", database)
      #expect(up.status == 10, "\(up.error)")
      #expect(
        up.error.contains(
          "NOW: \(Self.path) is applied in part: \(done + 1) of \(done + 2) statements are done.\n"),
        "\(up.error)")
      let status = try await folder.migrate("status", database)
      #expect(
        status.error.contains(
          "statement \(done + 2) was refused: could not establish connection (SQLSTATE 08001)"),
        "\(status.error)")
    }
  }

  @Test func aTransactionalFileIsRolledBack() async throws {
    let folder = try SQLFolder([Self.path: "CREATE TABLE a (n int);\n\(Self.remote)\n"])
    try await TestDatabase.with(.empty) { database in
      for arguments in [[], ["--rehearse"]] {
        let up = try await Tool.run(
          Tool.product("migrate"), folder.arguments("up", database) + arguments)
        #expect(up.status == 3, "\(up.error)")
        #expect(
          up.error.contains(
            arguments.isEmpty ? "rolled back; nothing was applied. Mend it" : "rehearsal"),
          "\(up.error)")
      }
    }
  }

  /// A deferred trigger raises it.
  @Test func aCommitThatRaisesItIsNotUnanswered() async throws {
    let folder = try SQLFolder([
      Self.path: "-- migrate: no-transaction\nINSERT INTO late VALUES (1);\n"
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        """
        CREATE TABLE late (n int);
        CREATE FUNCTION remote() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN RAISE EXCEPTION ''elsewhere'' USING ERRCODE = ''08006''; END';
        CREATE CONSTRAINT TRIGGER remote AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION remote();
        """)
      let up = try await folder.migrate("up", database)
      #expect(up.status == 3, "\(up.error)")
      #expect(up.error.contains("0 of 1 statements are done.\n"), "\(up.error)")
      await connection.close()
    }
  }
}
