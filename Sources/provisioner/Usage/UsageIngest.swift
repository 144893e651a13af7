internal import Postgres

/// Asks Prometheus what SQL wants to know of the use of tenants, and hands the answers over as they are.
struct UsageIngest: Sendable {
  let queue: Queue
  /// `nil`: there is none to be asked.
  let prometheus: PrometheusClient?

  /// The timed task.
  static let task = "ingest-usage"

  /// What a round came to.
  struct Report: Sendable, Equatable {
    var counts = UsageCounts()
    var questions = 0
    /// What had no answer, or one that lacks something.
    var errors: [String] = []

    /// In a line, for `admin.maintenance()`.
    var result: String? {
      questions == 0
        ? nil
        : "\(questions) answers, \(counts.samples) samples, \(counts.written) written, \(counts.unknown) of nobody"
    }
    var error: String? { errors.isEmpty ? nil : errors.joined(separator: "; ") }
  }

  /// Asks everything that is due, and tells SQL what came of it.
  /// - Returns: `nil` if there is nobody to ask.
  /// - Throws: `PostgresError` if the database is away; `CancellationError`.
  func run() async throws -> Report? {
    guard let prometheus else {
      try await queue.report(
        task: Self.task, result: "not asked: the provisioner runs without --prometheus-url",
        error: nil)
      return nil
    }
    var report = Report()
    var asked: Set<UsageQuestion> = []
    // After an answer there may be more to ask; what had none is not asked twice in a round.
    rounds: while true {
      let due = try await queue.usageDue().filter { asked.insert($0).inserted }
      if due.isEmpty { break }
      for question in due {
        do {
          try await ask(question, prometheus, &report)
        } catch let error as PrometheusError {
          report.errors.append("\(question.resource): \(error)")
          if error.isAway { break rounds }
        }
      }
    }
    try await queue.report(
      task: Self.task, result: report.result ?? (report.errors.isEmpty ? "nothing was due" : nil),
      error: report.error)
    return report
  }

  private func ask(
    _ question: UsageQuestion, _ prometheus: PrometheusClient, _ report: inout Report
  ) async throws {
    let answer = try await prometheus.answer(question)
    let counts: UsageCounts
    do {
      counts = try await queue.report(answer: answer, to: question)
    } catch let error as PostgresError where error.sqlState?.hasPrefix("22") == true {
      // No answer of the form that the query is to have: the query's author has to hear of it.
      throw PrometheusError(
        [error.description, error.hint].compactMap(\.self).joined(separator: " HINT: "),
        isAway: false)
    }
    report.questions += 1
    report.counts.samples += counts.samples
    report.counts.written += counts.written
    report.counts.unknown += counts.unknown
    if let warnings = counts.warnings {
      report.errors.append("\(question.resource): Prometheus warns: \(warnings)")
    }
  }
}
