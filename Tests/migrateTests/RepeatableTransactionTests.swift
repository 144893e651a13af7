internal import Postgres
internal import TestSupport
internal import Testing

@testable import migrate

/// Repeatable files are one transaction, in the order of MANIFEST, and none of them ends it.
@Suite(.timeLimit(.minutes(3))) struct RepeatableTransactionTests {
  /// Neither that of the names nor that of the folders.
  @Test func manifestsOrderIsTheOrderOfApplication() async throws {
    let paths = ["w/z.sql", "v/b.sql", "w/a.sql", "v/a.sql"]
    func text(_ index: Int, _ round: Int) -> String {
      // Each needs the one before.
      let earlier = index == 0 ? "SELECT 1 AS n" : "SELECT n FROM v\(index - 1)"
      return
        "CREATE OR REPLACE VIEW v\(index) AS \(earlier);\nINSERT INTO done (path) VALUES ('\(round) \(paths[index])');\n"
    }
    let folder = try SQLFolder(["MANIFEST": paths.joined(separator: "\n")])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.query(
        "CREATE TABLE done (n int GENERATED ALWAYS AS IDENTITY, path text)")
      for round in 1...2 {
        for (index, path) in paths.enumerated() { try folder.write(path, text(index, round)) }
        let up = try await folder.migrate("up", database)
        #expect(up.status == 0, "\(up.error)")
        let lines = paths.map { "applied  \($0)  N ms\n" }.joined()
        #expect(up.plainOutput == "\(lines)done: 4 of 4 files applied in N ms\n")
      }
      let expected = (1...2).flatMap { round in paths.map { "\(round) \($0)" } }
      #expect(
        try await connection.value("SELECT string_agg(path, ',' ORDER BY n) FROM done")
          == expected.joined(separator: ","))
      #expect(
        try await connection.value(
          "SELECT string_agg(path, ',' ORDER BY entry_id) FROM migrate.ledger")
          == (paths + paths).joined(separator: ","))
      await connection.close()
    }
  }

  private static let world = """
    CREATE TABLE done (n int);
    CREATE PROCEDURE commits() LANGUAGE plpgsql AS 'BEGIN INSERT INTO done VALUES (2); COMMIT; END';
    CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS 'BEGIN CALL commits(); END';
    """

  /// No look at the file can see it; PostgreSQL refuses it in a transaction that the client has begun.
  @Test(arguments: [
    "CALL commits();", "DO $$ BEGIN INSERT INTO done VALUES (2); COMMIT; END $$;",
    "DO $$ BEGIN CALL commits(); END $$;", "DO $$ BEGIN EXECUTE 'CALL commits()'; END $$;",
    "SELECT f();",
  ])
  func aCommitAtRunTimeIsRefused(statement: String) async throws {
    let folder = try SQLFolder([
      "v/a.sql": "INSERT INTO done VALUES (1);\n", "v/b.sql": "\(statement)\n", "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(Self.world)
      let result = try await folder.migrate("up", database)
      #expect(result.status == 3)
      #expect(result.output == "")
      #expect(
        result.error.hasPrefix(
          "migrate: error: v/b.sql:1:1: ERROR: invalid transaction termination\n"
        ), "\(result.error)")
      #expect(result.error.contains("\nSQLSTATE: 2D000\n"), "\(result.error)")
      #expect(
        result.error.hasSuffix(
          "NOW: all 2 repeatable files rolled back; nothing was applied. Mend it and run migrate up again.\n"
        ), "\(result.error)")
      #expect(try await connection.value("SELECT count(*) FROM done") == "0")
      #expect(try await connection.value("SELECT count(*) FROM migrate.ledger") == "0")
      await connection.close()
    }
  }

  @Test(arguments: ["COMMIT; BEGIN;", "COMMIT AND CHAIN;", "END; START TRANSACTION;"])
  func aCommitInTheTextIsRefusedBeforeAnythingRuns(text: String) async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);\n",
      "v/a.sql": "CREATE VIEW v AS SELECT 1 AS n;\n", "v/b.sql": "SELECT 1;\n\(text)\n",
      "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 1)
      #expect(
        result.error.hasPrefix(
          "migrate: error: v/b.sql:2:1: \(text.hasPrefix("END") ? "END" : "COMMIT") has no place here: migrate itself begins and ends the transaction\n"
        ), "\(result.error)")
      #expect(result.error.hasSuffix("\nNOW: nothing was applied.\n"), "\(result.error)")
      let connection = try await database.connect()
      #expect(
        try await connection.value(
          "SELECT concat(to_regclass('a'), to_regclass('v'), to_regnamespace('migrate'))") == "")
      await connection.close()
    }
  }

  /// What that look would miss, the transaction's number tells.
  @Test(arguments: ["COMMIT;\n", "COMMIT;\nBEGIN;\n", "COMMIT AND CHAIN;\n"])
  func aCommitThatGotThroughIsTold(text: String) async throws {
    let folder = try SQLFolder([
      "v/a.sql": "CREATE TABLE a (n int);\n", "v/b.sql": text,
      "v/c.sql": "CREATE TABLE c (n int);\n", "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      let failure = try await folder.applyUnchecked(database)
      #expect(failure?.code == .usage)
      #expect(failure?.message.hasPrefix("v/b.sql ends its transaction: ") == true)
      #expect(
        failure?.lines.first?.hasPrefix("NOW: What it did before that is committed") == true,
        "\(failure?.lines ?? [])")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regclass('c')") == nil)
      #expect(
        try await connection.value("SELECT count(*) FROM migrate.ledger WHERE path <> 'v/a.sql'")
          == "0")
      await connection.close()
    }
  }
}
