internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Errors of statements that are the tool's own, in the turn of a file.
@Suite(.timeLimit(.minutes(3))) struct OwnStatementErrorTests {
  /// PostgreSQL's position is one of the ledger's statement, and none of the file.
  @Test func aRowThatIsRefusedHasNoPlaceInTheFile() async throws {
    let path = "migrations/0001_drop_ledger.sql"
    let folder = try SQLFolder([
      path: "DROP SCHEMA migrate CASCADE;\n"
        + String(repeating: "SELECT 1; -- one of many lines\n", count: 40)
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 3)
      #expect(
        result.error == """
          migrate: error: \(path): ERROR: relation "migrate.ledger" does not exist
          SQLSTATE: 42P01
          NOW: \(path) rolled back; nothing was applied. Mend it and run migrate up again.

          """)
    }
  }

  /// VACUUM FULL of the ledger, or a dump that is being restored: nothing is to be mended.
  @Test func aLedgerThatIsLockedIsALockThatWasNotToBeHad() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      let connection = try await database.connect()
      try await connection.execute("BEGIN; LOCK TABLE migrate.ledger")
      let result = try await folder.migrate("up", database)
      #expect(result.status == 9)
      #expect(
        result.error == """
          migrate: error: ERROR: canceling statement due to lock timeout
          SQLSTATE: 55P03
          NOW: it was no statement of a file; what it was to do was rolled back. migrate status shows what is applied.
          HINT: run migrate again when those that hold the lock are done.

          """)
      await connection.close()
    }
  }
}
