internal import Postgres
internal import TestSupport
internal import Testing

/// A database that has what the files have not: somebody has checked out an earlier version of them.
@Suite(.timeLimit(.minutes(3))) struct NewerDatabaseTests {
  private static let message =
    "migrate: error: the database is newer than the files: it has migrations/0002_create_b.sql\n"
  private static let hint =
    "HINT: check out the version of the files that the database was migrated with, or a later one.\n"

  /// Whatever the second file has come to, it has gone from the folder.
  private func newer(
    _ second: String, _ body: (SQLFolder, TestDatabase) async throws -> Void
  ) async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      "migrations/0002_create_b.sql": second,
    ])
    try await TestDatabase.with(.empty) { database in
      _ = try await folder.migrate("up", database)
      try folder.remove("migrations/0002_create_b.sql")
      try folder.write("v/v.sql", "CREATE VIEW v AS SELECT 1 AS n;")
      try folder.write("MANIFEST", "v")
      let connection = try await database.connect()
      let rows = try await connection.value("SELECT count(*) FROM migrate.ledger")
      try await body(folder, database)
      #expect(try await connection.value("SELECT count(*) FROM migrate.ledger") == rows)
      #expect(try await connection.value("SELECT to_regclass('v')") == nil)
      await connection.close()
    }
  }

  /// Each command that would do something, and those that tell what would be done.
  @Test(arguments: [
    "CREATE TABLE b (n int);", "-- migrate: no-transaction\nSELECT 1;\nSELECT 1 / 0;\n",
  ])
  func everyCommandThatGoesByTheFilesTellsIt(second: String) async throws {
    try await newer(second) { (folder, database) async throws in
      for (words, now) in [
        (["up"], "NOW: nothing was applied.\n"),
        (["up", "--to", "1"], "NOW: nothing was applied.\n"),
        (["up", "--prune"], "NOW: nothing was applied.\n"),
        (["up", "--rehearse"], "NOW: nothing was applied.\n"),
        (["resume"], "NOW: nothing was applied.\n"),
        (["resume", "--skip", "--reason", "x"], "NOW: nothing was applied.\n"),
        (["baseline", "--at", "1"], "NOW: nothing was recorded.\n"),
        (["plan"], ""), (["status"], ""), (["status", "--check"], ""),
      ] {
        let result = try await Tool.run(
          Tool.product("migrate"), folder.arguments(words[0], database) + words.dropFirst())
        #expect(result.status == 11, "\(words)")
        #expect(result.error == "\(Self.message)\(now)\(Self.hint)", "\(words)")
        #expect(result.output == "", "\(words)")
      }
    }
  }

  /// What only shows what is there goes on.
  @Test func theHistoryIsShownAllTheSame() async throws {
    try await newer("CREATE TABLE b (n int);") { (folder, database) async throws in
      let history = try await folder.migrate("history", database)
      #expect(history.status == 0)
      #expect(history.output.contains("  migrations/0002_create_b.sql  "), "\(history.output)")
      let show = try await folder.migrate("show", database, "1")
      #expect(show.status == 0)
      #expect(show.output.contains("state        applied\n"), "\(show.output)")
    }
  }
}
