internal import TestSupport
internal import Testing

/// One tenant out of a point-in-time copy, beside the live database: Tests/SQL/restore/run, on two servers
/// of its own.
@Suite(.timeLimit(.minutes(4))) struct RestoreTests {
  @Test func oneTenantComesBackAndNobodyElseNotices() async throws {
    let result = try await Tool.run(
      "\(AssertionTests.folder)/restore/run", ["\(Tool.products)/migrate"])
    #expect(result.status == 0, "\(result.output)\(result.error)")
  }
}
