internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// The first statement of a file without a transaction runs by itself and is refused: the exit code tells
/// whether something of it is there. What has not come to a COMMIT of its own is not.
@Suite(.timeLimit(.minutes(3))) struct FirstStatementTests {
  private static let path = "migrations/0001_change_a.sql"

  private func up(
    _ statement: String, _ body: (Tool.Result, SQLFolder, TestDatabase) async throws -> Void
  ) async throws {
    let folder = try SQLFolder([Self.path: "-- migrate: no-transaction\n\(statement);\nSELECT 1;\n"]
    )
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        "CREATE TABLE a (n int); INSERT INTO a VALUES (1), (1); CREATE TABLE a_m (n int)")
      try await body(try await folder.migrate("up", database), folder, database)
      await connection.close()
    }
  }

  @Test(arguments: [
    ("VACUUM nowhere", "42P01"), ("CLUSTER nowhere", "42P01"),
    ("CREATE DATABASE postgres", "42P04"), ("ALTER SYSTEM SET nothing = 1", "42704"),
    ("CREATE INDEX CONCURRENTLY a_n ON nowhere (n)", "42P01"),
    ("CREATE INDEX CONCURRENTLY a_n ON a (m)", "42703"),
    ("DROP INDEX CONCURRENTLY nowhere", "42704"),
    ("REINDEX TABLE CONCURRENTLY nowhere", "42P01"),
    ("ALTER TABLE a DETACH PARTITION nowhere CONCURRENTLY", "42P17"),
    ("CALL nowhere()", "42883"), ("DO 'BEGIN nothing END'", "42601"),
    ("DO $$ BEGIN INSERT INTO a VALUES (2); RAISE 'no'; END $$", "P0001"),
  ])
  func whatIsRefusedAtOnceLeavesNothing(statement: String, state: String) async throws {
    try await up(statement) { result, folder, database in
      #expect(result.status == 3, "\(result.error)")
      #expect(result.error.contains("SQLSTATE: \(state)\n"), "\(result.error)")
      #expect(
        result.error.hasSuffix(
          "NOW: \(Self.path) is applied in part: 0 of 2 statements are done.\nMend it, and go on with statement 1: migrate resume\n"
        ), "\(result.error)")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT count(*) FROM a") == "2")
      await connection.close()
      try folder.write(Self.path, "-- migrate: no-transaction\nVACUUM a;\nSELECT 1;\n")
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
    }
  }

  /// The tool's own refusal: nothing was sent.
  @Test func anIndexOfAnotherKindLeavesNothing() async throws {
    try await up("CREATE INDEX CONCURRENTLY IF NOT EXISTS a_m ON a (n)") { result, _, _ in
      #expect(result.status == 3)
      #expect(result.error.contains("a_m is there already: table a_m"), "\(result.error)")
    }
  }

  /// What an index of that name is compared with cannot be made: nothing was sent.
  @Test func anIndexThatCannotBeComparedLeavesNothing() async throws {
    let id = "test_" + UUID().uuidString.lowercased().prefix(8)
    let folder = try SQLFolder([
      Self.path: "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY a_n ON a (n);\n"
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        """
        CREATE ROLE \(id) LOGIN;
        GRANT CREATE ON DATABASE \(database.name) TO \(id);
        REVOKE TEMPORARY ON DATABASE \(database.name) FROM PUBLIC;
        CREATE TABLE a (n int);
        CREATE INDEX a_n ON a (n);
        ALTER TABLE a OWNER TO \(id);
        """)
      let result = try await Tool.run(
        Tool.product("migrate"),
        ["up", "--sql-dir", folder.path, "-d", database.conninfo(user: id)])
      #expect(result.status == 3, "\(result.error)")
      #expect(
        result.error.contains("ERROR: permission denied to create temporary tables in database"),
        "\(result.error)")
      // Roles are the cluster's, and outlive the database.
      try await connection.execute("DROP OWNED BY \(id) CASCADE; DROP ROLE \(id)")
      await connection.close()
    }
  }

  @Test(arguments: ["DO", "CALL"])
  func whatHasCommittedStays(command: String) async throws {
    let body =
      "$$ BEGIN INSERT INTO a VALUES (2); COMMIT; INSERT INTO a VALUES (3); RAISE 'no'; END $$"
    let statement =
      command == "DO"
      ? "DO \(body)"
      : "CALL p()"
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql":
        "CREATE TABLE a (n int);\nCREATE PROCEDURE p() LANGUAGE plpgsql AS \(body);\n",
      "migrations/0002_change_a.sql": "-- migrate: no-transaction\n\(statement);\n",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 10, "\(result.error)")
      #expect(
        result.error.hasSuffix(
          "NOW: migrations/0002_change_a.sql is applied in part: 0 of 1 statements are done; what statement 1 has committed before its error stays.\nMend it, and go on with statement 1: migrate resume\n"
        ), "\(result.error)")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT string_agg(n::text, ' ') FROM a") == "2")
      await connection.close()
    }
  }

  @Test func anInvalidIndexStays() async throws {
    try await up("CREATE UNIQUE INDEX CONCURRENTLY a_n ON a (n)") { result, _, _ in
      #expect(result.status == 10)
      #expect(result.error.contains("\nThe index a_n is left INVALID: "), "\(result.error)")
    }
  }
}
