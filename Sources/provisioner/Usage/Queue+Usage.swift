internal import Postgres

extension Queue {
  /// What Prometheus is to be asked now.
  func usageDue() async throws -> [UsageQuestion] {
    try await pool.withConnection { connection in
      try await connection.query("SELECT * FROM provisioning.usage_due()").map { row in
        UsageQuestion(
          resource: try row.decode("resource", as: String.self),
          query: try row.decode("query", as: String.self),
          start: try row.decode("start", as: Int64.self),
          end: try row.decode("end", as: Int64.self), step: try row.decode("step", as: Int64.self))
      }
    }
  }

  /// Hands an answer of Prometheus over, as it is.
  func report(answer: String, to question: UsageQuestion) async throws -> UsageCounts {
    try await pool.withConnection { connection in
      let rows = try await connection.query(
        """
        SELECT samples, written, unknown, warnings FROM provisioning.report_samples($1, $2, $3, $4)
        """,
        [.text(question.resource), .int(question.end), .json(answer), .int(question.step)],
        timeout: .seconds(300))
      guard let row = rows.first else { return UsageCounts() }
      return UsageCounts(
        samples: try row.decode("samples", as: Int64.self),
        written: try row.decode("written", as: Int64.self),
        unknown: try row.decode("unknown", as: Int64.self), warnings: row["warnings"])
    }
  }

  /// Tells what came of a timed task that is not SQL's.
  func report(task: String, result: String?, error: String?) async throws {
    try await pool.withConnection { connection in
      _ = try await connection.query(
        "SELECT provisioning.report_task($1, $2, $3)",
        [.text(task), .text(result), .text(error)])
    }
  }
}
