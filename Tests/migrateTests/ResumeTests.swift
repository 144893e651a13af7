internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// What `migrate resume` and `up` refuse, so that nothing runs twice or out of order.
@Suite(.timeLimit(.minutes(3))) struct ResumeTests {
  private static let path = "migrations/0002_create_b.sql"
  private static let text =
    "-- migrate: no-transaction\nCREATE TABLE b AS SELECT 1 AS n;\nINSERT INTO b VALUES (2);\nSELECT 1 / 0;\n"

  /// With the second file applied in part.
  private func partial(
    _ files: [String: String] = [:],
    _ body: (SQLFolder, TestDatabase, PostgresConnection) async throws -> Void
  ) async throws {
    let folder = try SQLFolder([Self.path: Self.text].merging(files) { $1 })
    try await TestDatabase.with(.empty) { database in
      let up = try await folder.migrate("up", database)
      #expect(up.status == 10, "\(up.error)")
      let connection = try await database.connect()
      try await body(folder, database, connection)
      await connection.close()
    }
  }

  /// As one transaction it would run from its first statement.
  @Test func aFileThatNoLongerSaysNoTransactionIsRefused() async throws {
    try await partial { (folder, database, connection) async throws in
      try folder.write(Self.path, "DROP TABLE b;\nCREATE TABLE b AS SELECT 1 AS n;\n")
      for command in ["resume", "up", "plan"] {
        let refused = try await folder.migrate(command, database)
        #expect(refused.status == 6)
        #expect(
          refused.error.hasPrefix(
            "migrate: error: \(Self.path) is applied in part, and no longer says no-transaction\nNOW: \(Self.path) is applied in part: 2 of 3 statements are done.\nHINT: bring the line -- migrate: no-transaction back"
          ), "\(refused.error)")
      }
      #expect(try await connection.value("SELECT count(*) FROM b") == "2")
    }
  }

  /// Else the row of the statement that is skipped would say that the edited ones ran.
  @Test func skippingAcceptsNoEditOfWhatIsDone() async throws {
    try await partial { (folder, database, connection) async throws in
      let rows = try await connection.value("SELECT count(*) FROM migrate.ledger")
      try folder.write(Self.path, Self.text.replacing("VALUES (2)", with: "VALUES (3)"))
      let refused = try await folder.migrate("resume", database, "--skip", "--reason", "x")
      #expect(refused.status == 6)
      #expect(refused.error.contains("its first 2 statements are done, and were edited since"))
      #expect(try await connection.value("SELECT count(*) FROM migrate.ledger") == rows)
      try folder.write(Self.path, Self.text)
      #expect(
        try await folder.migrate("resume", database, "--skip", "--reason", "x").status == 0)
    }
  }

  @Test func aNewFileBelowAPartialOneIsRefused() async throws {
    try await partial { (folder, database, connection) async throws in
      try folder.write("migrations/0001_create_a.sql", "CREATE TABLE a (n int);")
      for command in ["resume", "up"] {
        let refused = try await folder.migrate(command, database)
        #expect(refused.status == 6)
        #expect(
          refused.error.hasPrefix(
            "migrate: error: migrations/0001_create_a.sql is new, and \(Self.path) is applied in part already\nNOW: nothing was applied.\nHINT: migrate renumber migrations/0001_create_a.sql"
          ), "\(refused.error)")
      }
      #expect(try await connection.value("SELECT to_regclass('a')") == nil)
      // Where the file says that it does not matter, what has begun is still ended first.
      try folder.write(
        "migrations/0001_create_a.sql", "-- migrate: out-of-order-ok\nCREATE TABLE a AS TABLE c;")
      try folder.write(Self.path, Self.text.replacing("SELECT 1 / 0", with: "CREATE TABLE c ()"))
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
    }
  }

  @Test func aLimitDoesNotPassOverAPartialFile() async throws {
    try await partial(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"]) {
      (folder, database, _) async throws in
      for command in ["up", "plan"] {
        let refused = try await folder.migrate(command, database, "--to", "1")
        #expect(refused.status == 10, "\(refused.output)")
        #expect(refused.error.hasPrefix("migrate: error: \(Self.path) is applied in part\n"))
      }
    }
  }

  /// The table is named without its schema, which the file has set.
  @Test func anInvalidIndexIsFoundByTheFilesOwnPath() async throws {
    let folder = try SQLFolder([
      Self.path: """
      -- migrate: no-transaction
      CREATE SCHEMA s;
      SET search_path = s;
      CREATE TABLE a AS VALUES (1), (1);
      CREATE UNIQUE INDEX CONCURRENTLY a_n ON a (column1);
      """
    ])
    try await TestDatabase.with(.empty) { database in
      let failed = try await folder.migrate("up", database)
      #expect(failed.status == 10)
      #expect(failed.error.contains("\nThe index a_n is left INVALID: "), "\(failed.error)")
    }
  }
}
