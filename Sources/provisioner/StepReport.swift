internal import Kubernetes

/// What is recorded of a step.
struct StepReport: Sendable {
  var step: String
  var outcome: Outcome
  var took: Duration

  /// The array that `provisioning.record_steps` takes.
  static func json(_ reports: [StepReport]) -> String {
    JSONValue.array(
      reports.map { report in
        let milliseconds =
          Double(report.took.components.seconds) * 1000
          + Double(report.took.components.attoseconds) / 1e15
        var members: [String: JSONValue] = [
          "step": .string(report.step), "outcome": .string(report.outcome.name),
          "milliseconds": .number(milliseconds),
        ]
        if let status = report.outcome.status { members["http_status"] = .integer(Int64(status)) }
        if let detail = report.outcome.detail { members["detail"] = .string(detail) }
        return .object(members)
      }
    ).serialized()
  }
}
