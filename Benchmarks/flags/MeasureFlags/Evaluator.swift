internal import HotConfig

/// Evaluates flags so many times for so many subjects, and takes the time.
struct Evaluator: Sendable {
  let config: HotConfig
  let org: Int64
  /// Evaluations in a round.
  let count: Int

  private static let subjects = (0..<1000).map { "user-\($0 * 997 % 1_000_000)" }
  private static let attributes: FlagAttributes = [
    "email": "ann@example.com", "plan": "free", "age": 40,
  ]

  /// Microseconds for each evaluation of a flag.
  func measure(_ flag: String) -> Double {
    measure { subject in
      config.flag(
        flag, orgID: org, subject: subject, attributes: Self.attributes, default: false) ? 1 : 0
    }
  }

  /// Microseconds for each of as many calls.
  func measure(_ body: (String) -> Int) -> Double {
    let subjects = Self.subjects
    var sum = 0
    let took = ContinuousClock().measure {
      for number in 0..<count { sum &+= body(subjects[number % subjects.count]) }
    }
    // Used, so that it is done.
    precondition(sum >= 0)
    return took / .microseconds(1) / Double(count)
  }
}
