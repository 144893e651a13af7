internal import TestSupport
internal import Testing

/// One tenant out of a database by itself, and into another one.
@Suite(.timeLimit(.minutes(4))) struct RestoreTests {
  /// Out of a point-in-time copy, beside the live database: Tests/SQL/restore/run, on two servers of its own.
  @Test func oneTenantComesBackAndNobodyElseNotices() async throws {
    let result = try await Tool.run(
      "\(AssertionTests.folder)/restore/run", ["\(Tool.products)/migrate"])
    #expect(result.status == 0, "\(result.output)\(result.error)")
  }

  /// Into a database in which its numbers are others': Tests/SQL/restore/elsewhere.
  @Test func oneTenantMovesAndNobodyThereNotices() async throws {
    try await TestDatabase.with(.migrated) { from in
      try await TestDatabase.with(.migrated) { to in
        let result = try await Tool.run(
          "\(AssertionTests.folder)/restore/elsewhere",
          [from.conninfo(), to.conninfo(), from.conninfo(user: "ark_backup")])
        #expect(result.status == 0, "\(result.output)\(result.error)")
      }
    }
  }
}
