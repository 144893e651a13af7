internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// The session that looks at long statements is in nobody's way.
@Suite(.timeLimit(.minutes(3))) struct WatchSessionTests {
  /// A session of the tool's own that looks at a long statement would be another user of the template.
  @Test func theDatabaseCanBeATemplateBehindALongStatement() async throws {
    try await TestDatabase.with(.empty) { database in
      let copy = "\(database.name)_copy"
      let folder = try SQLFolder([
        "migrations/0001_copy_database.sql":
          "-- migrate: no-transaction\nSELECT pg_sleep(1);\nCREATE DATABASE \(copy) TEMPLATE \(database.name);\nDROP DATABASE \(copy);\n"
      ])
      let result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
    }
  }
}
