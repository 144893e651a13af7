internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Errors in lines that no terminal holds.
@Suite(.timeLimit(.minutes(3))) struct LongLineTests {
  /// PostgreSQL's own tools cut it as well.
  @Test func aVeryLongLineIsCut() async throws {
    let path = "migrations/0001_select_many.sql"
    let sum = String(repeating: "1+", count: 100_000)
    let folder = try SQLFolder([path: "SELECT \(sum)1 FRM x, \(sum)1;\n"])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 3)
      let lines = result.error.split(separator: "\n")
      #expect(
        lines.first
          == "migrate: error: \(path):1:200014: ERROR: syntax error at or near \"x\"",
        "\(result.error.prefix(300))")
      #expect(lines.allSatisfy { $0.count < 210 })
      #expect(lines.count > 2 && lines[1].hasPrefix("…") && lines[1].hasSuffix("…"))
      let caret = try #require(lines.dropFirst(2).first?.count)
      #expect(lines[1].dropFirst(caret - 1).first == "x")
    }
  }
}
