internal import TestSupport
internal import Testing

/// What is sealed, and when: on a cluster of its own, one test at a time, because whatever writes in
/// any database of the cluster holds sealing back.
@Suite(.timeLimit(.minutes(2)), .serialized) struct HistoryTests {
  private static let cluster = Task { try await Stack.start(only: "postgres") }

  /// Lends a database on that cluster.
  static func withDatabase(
    _ contents: TestDatabase.Contents = .migrated, _ body: (TestDatabase) async throws -> Void
  ) async throws {
    try await TestDatabase.with(contents, on: cluster.value) { try await body($0) }
  }
}
