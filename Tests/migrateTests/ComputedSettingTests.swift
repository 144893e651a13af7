internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// What a file without a transaction sets is set once more for each of its later statements, with the same
/// effect as if it had been set once.
@Suite(.timeLimit(.minutes(3))) struct ComputedSettingTests {
  private static let path = "migrations/0001_create_a.sql"

  /// Carried out once more, it would count once more.
  @Test(arguments: [
    "SELECT set_config('my.n', nextval('s')::text, false)",
    "SELECT nextval('s'), set_config('my.n', 'x', false)",
  ])
  func whatIsComputedIsRefused(statement: String) async throws {
    let text = "CREATE SEQUENCE s;\n\(statement);\nSELECT 1;\n"
    let folder = try SQLFolder([Self.path: "-- migrate: no-transaction\n\(text)"])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 1)
      #expect(
        result.error.hasPrefix(
          "migrate: error: \(Self.path):3:1: set_config has no place here but as SELECT set_config('name', 'value', false)"
        ), "\(result.error)")
      #expect(result.error.contains("\nNOW: nothing was applied.\n"), "\(result.error)")
      // In a transaction it is carried out once.
      try folder.write(Self.path, text)
      #expect(try await folder.migrate("up", database).status == 0)
    }
  }

  @Test func howTransactionsBeginHoldsForTheStatement() async throws {
    let folder = try SQLFolder([
      Self.path: """
      -- migrate: no-transaction
      CREATE TABLE a (t text);
      SET default_transaction_isolation = 'serializable';
      INSERT INTO a SELECT current_setting('transaction_isolation');
      """
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT t FROM a") == "serializable")
      await connection.close()
    }
  }
}
