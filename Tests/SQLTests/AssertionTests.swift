internal import Foundation
internal import TestSupport
internal import Testing

/// The assertions in SQL, with pgTAP: each file of Tests/SQL in a database of its own.
@Suite(.timeLimit(.minutes(15))) struct AssertionTests {
  static let folder = "\(Stack.root)/Tests/SQL"
  static let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".sql") }.sorted()

  @Test func thereAreFiles() {
    #expect(!Self.files.isEmpty)
  }

  @Test(arguments: files)
  func everyAssertionHolds(_ file: String) async throws {
    try await TestDatabase.with(.migrated) { database in
      let result = try await Tool.run(
        "\(Stack.current.postgresBin)/psql",
        [
          "-Xq", "-d", database.conninfo(), "-f", "\(Self.folder)/prelude.psql", "-f",
          "\(Self.folder)/\(file)",
        ], folder: Self.folder)
      let tap = TAP(result.output)
      #expect(result.status == 0, "\(file): \(result.error)")
      #expect(
        tap.isGood,
        """
        \(file): \(tap.passed) of \(tap.planned.map(String.init) ?? "an unknown number") passed
        \(tap.complaints.joined(separator: "\n"))
        """)
      print("\(file): \(tap.passed) assertions hold")
    }
  }

  @Test func whatIsNotShownIsNotGood() {
    #expect(TAP("ok 1 - a\nok 2 - b\n1..2\n").isGood)
    #expect(
      TAP("CREATE TABLE a ();\nTime: 1.0 ms\nSELECT ok(true);\nok 1\nTime: 1 ms\n1..1\n").isGood)
    for output in [
      "", "1..0\n", "ok 1 - a\n", "ok 1 - a\n1..2\n", "ok 1 - a\nnot ok 2 - b\n1..2\n",
      "ok 1 - a\nok 2 # SKIP why\n1..2\n", "ok 1 - a # TODO later\n1..1\n",
      "SELECT ok(true);\nok 1\nTime: 1.0 ms\nSELECT ok(a)\nFROM empty;\nTime: 0.1 ms\n1..1\n",
      "SELECT ok(true);\nok 1\nTime: 1.0 ms\nWITH a AS (SELECT 1)\nselect\n  is(a)\nFROM empty;\nTime: 0.1 ms\n1..1\n",
    ] {
      #expect(!TAP(output).isGood, "\(output)")
    }
  }
}
