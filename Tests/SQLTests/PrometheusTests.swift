internal import TestSupport
internal import Testing

/// The answers of a real Prometheus, as they are: Tests/SQL/prometheus/run asks what SQL says and reports.
@Suite(.timeLimit(.minutes(2))) struct PrometheusTests {
  @Test func theDatabaseTakesWhatPrometheusAnswers() async throws {
    try await TestDatabase.with(.migrated) { database in
      let result = try await Tool.run(
        "\(AssertionTests.folder)/prometheus/run", [database.conninfo()])
      #expect(result.status == 0, "\(result.output)\(result.error)")
    }
  }
}
