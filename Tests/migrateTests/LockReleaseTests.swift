internal import Postgres
internal import TestSupport
internal import Testing

/// A file that releases the lock that lets one runner work at a time.
@Suite(.timeLimit(.minutes(3))) struct LockReleaseTests {
  private static let path = "migrations/0002_create_b.sql"

  private func up(
    _ text: String, then check: (PostgresConnection, SQLFolder, TestDatabase) async throws -> Void
  ) async throws -> Tool.Result {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);", Self.path: text,
    ])
    return try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      let connection = try await database.connect()
      try await check(connection, folder, database)
      await connection.close()
      return result
    }
  }

  @Test(arguments: ["", "-- migrate: no-transaction\n"])
  func discardAllIsRefusedBeforeAnythingRuns(header: String) async throws {
    let result = try await up(header + "CREATE TABLE b (n int);\nDISCARD ALL;\n") {
      (connection, _, _) async throws in
      #expect(try await connection.value("SELECT to_regclass('a')") == nil)
    }
    #expect(result.status == 1)
    #expect(
      result.error.contains(
        "DISCARD ALL has no place here: it releases the lock that lets one runner work at a time"),
      "\(result.error)")
  }

  @Test func aTransactionThatReleasesItIsRolledBack() async throws {
    let result = try await up("CREATE TABLE b (n int);\nSELECT pg_advisory_unlock_all();\n") {
      (connection, _, _) async throws in
      #expect(try await connection.value("SELECT to_regclass('b')") == nil)
      #expect(try await connection.value("SELECT max(version) FROM migrate.ledger") == "1")
    }
    #expect(result.status == 1)
    #expect(
      result.error == """
        migrate: error: \(Self.path) has released the lock that lets one runner work at a time
        NOW: \(Self.path) rolled back; 1 file before it stays applied.
        HINT: leave out pg_advisory_unlock_all(), or what calls it: it releases every lock.

        """)
  }

  @Test(arguments: [
    "SELECT pg_advisory_unlock_all();", "DO $$ BEGIN PERFORM pg_advisory_unlock_all(); END $$;",
  ])
  func aStatementThatReleasesItIsTheLast(statement: String) async throws {
    let result = try await up(
      "-- migrate: no-transaction\nCREATE TABLE b (n int);\n\(statement)\nCREATE TABLE c (n int);\n"
    ) { (connection, folder, database) async throws in
      #expect(try await connection.value("SELECT to_regclass('b')") == "b")
      #expect(try await connection.value("SELECT to_regclass('c')") == nil)
      #expect(try await folder.migrate("status", database, "--check").status == 10)
    }
    #expect(result.status == 1)
    #expect(
      result.error.hasPrefix(
        "migrate: error: \(Self.path) has released the lock that lets one runner work at a time\nNOW: \(Self.path) is applied in part: 1 of 3 statements are done"
      ), "\(result.error)")
  }
}
