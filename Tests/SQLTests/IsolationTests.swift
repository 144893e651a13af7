internal import Foundation
internal import TestSupport
internal import Testing

/// Fixed interleavings, run by PostgreSQL's own isolationtester: each Tests/SQL/isolation/*.spec against a
/// migrated database, its output compared with the .out beside it.
///
/// `ARK_ACCEPT=1 scripts/test --filter SQLTests.IsolationTests` writes the .out files anew. Read the difference
/// before committing it: a permutation's meaning is in what each step says.
@Suite(.timeLimit(.minutes(3))) struct IsolationTests {
  static let folder = "\(AssertionTests.folder)/isolation"
  static let specs = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".spec") }.sorted()
  static let accepts = ProcessInfo.processInfo.environment["ARK_ACCEPT"] != nil

  @Test func thereAreSpecifications() {
    #expect(!Self.specs.isEmpty)
  }

  @Test(arguments: specs)
  func everyStepSaysWhatIsExpected(_ spec: String) async throws {
    try await TestDatabase.with(.migrated) { database in
      let bin = Stack.current.postgresBin
      let prelude = try await Tool.run(
        "\(bin)/psql", ["-Xq", "-d", database.conninfo(), "-f", "\(Self.folder)/prelude.psql"])
      try #require(prelude.status == 0, "\(prelude.error)")
      // It reads the specification from its standard input.
      let result = try await Tool.run(
        "/bin/sh",
        [
          "-c", #"exec "$0" "$1" <"$2""#,
          "\(bin)/../lib/pgxs/src/test/isolation/isolationtester", database.conninfo(),
          "\(Self.folder)/\(spec)",
        ])
      #expect(result.status == 0, "\(spec): \(result.error)")
      let actual = Self.normalized(result.output)
      let permutations = actual.count { $0.hasPrefix("starting permutation") }
      #expect(permutations > 0)

      let file = "\(Self.folder)/\(spec.dropLast(5)).out"
      if Self.accepts {
        try (actual.joined(separator: "\n") + "\n")
          .write(toFile: file, atomically: true, encoding: .utf8)
      }
      let expected = try String(contentsOfFile: file, encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
      let isAsExpected = actual == expected
      #expect(
        isAsExpected,
        "\(spec):\n\(Self.difference(from: expected, to: actual))")
      print("\(spec): \(permutations) permutations")
    }
  }

  /// Without what varies: numbers of rows, and blanks that fill up a column.
  private static func normalized(_ output: String) -> [String] {
    output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
      var line = String(line)
      if line.hasPrefix("ERROR:") {
        line.replace(/\b(job|organisation|incarnation|user) [0-9]+/) { "\($0.1) N" }
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// The lines that differ, below the last permutation's name.
  private static func difference(from expected: [String], to actual: [String]) -> String {
    let difference = actual.difference(from: expected)
    var changes: [(offset: Int, text: String)] = []
    for change in difference {
      switch change {
      case .remove(let offset, let line, _): changes.append((offset, "- \(line)"))
      case .insert(let offset, let line, _): changes.append((offset, "+ \(line)"))
      }
    }
    let first = changes.map(\.offset).min() ?? 0
    let permutation = actual.prefix(first + 1).last { $0.hasPrefix("starting permutation") } ?? ""
    return ([permutation] + changes.sorted { $0.offset < $1.offset }.prefix(40).map(\.text))
      .joined(separator: "\n")
  }
}
