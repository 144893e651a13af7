/// A flag of the platform, as it is in use: its definition, and the variants that evaluations are counted by.
final class Flag: Sendable {
  let key: String
  let definition: FlagDefinition
  /// In the order of the definition.
  let variants: [FlagVariant]
  private let prefix: [UInt8]

  /// Deeper than ten prerequisites nobody is followed: circles are refused when they are written, but not by
  /// whoever goes around that.
  private static let depthLimit = 10

  init(_ key: String, _ definition: FlagDefinition, counter: (String) -> FlagCounter) {
    self.key = key
    self.definition = definition
    variants = definition.variants.map { FlagVariant($0, counter: counter($0.name)) }
    prefix = FlagRollout.prefix(key: key, salt: definition.salt)
  }

  /// What came of an evaluation.
  struct Outcome: Sendable {
    /// Place of the variant.
    var variant: Int
    var reason: FlagReason
    var rule: String?
  }

  /// Evaluates it, and counts that; the flags that it needs, too.
  func evaluate(_ question: inout FlagQuestion, depth: Int = 0) -> Outcome {
    let outcome = decide(&question, depth: depth)
    variants[outcome.variant].counter.add()
    return outcome
  }

  /// The first of docs/flags.md that fits.
  private func decide(_ question: inout FlagQuestion, depth: Int) -> Outcome {
    func off(_ reason: FlagReason, _ rule: String? = nil) -> Outcome {
      Outcome(variant: definition.off, reason: reason, rule: rule)
    }
    if definition.isKilled { return off(.killed) }
    if let chosen = place(of: question.choices[key]) {
      return Outcome(variant: chosen, reason: .organisation)
    }
    if !definition.isEnabled { return off(.disabled) }
    if let from = definition.from, question.time() < from { return off(.schedule) }
    if let until = definition.until, question.time() >= until { return off(.schedule) }
    for needed in definition.prerequisites where !isMet(needed, &question, depth: depth) {
      return off(.prerequisite, needed.flag)
    }
    for rule in definition.rules
    where rule.conditions.allSatisfy({ $0.holds(question.value(of: $0.attribute)) }) {
      switch rule.outcome {
      case .variant(let place): return Outcome(variant: place, reason: .rule, rule: rule.name)
      case .rollout(let rollout):
        // Without a subject it does not hold.
        guard let place = rollout.variant(question, prefix: prefix) else { continue }
        return Outcome(variant: place, reason: .rollout, rule: rule.name)
      }
    }
    switch definition.otherwise {
    case .variant(let place): return Outcome(variant: place, reason: .default)
    case .rollout(let rollout):
      guard let place = rollout.variant(question, prefix: prefix) else { return off(.noSubject) }
      return Outcome(variant: place, reason: .rollout)
    }
  }

  /// A variant that the flag has no more is no choice.
  private func place(of choice: FlagChoice?) -> Int? {
    switch choice {
    case nil, .some(.none): nil
    case .on: definition.place(of: "on")
    case .off: definition.off
    case .variant(let name): definition.place(of: name)
    }
  }

  private func isMet(
    _ needed: FlagDefinition.Prerequisite, _ question: inout FlagQuestion, depth: Int
  ) -> Bool {
    guard depth < Self.depthLimit, case .flag(let flag) = question.flags[needed.flag] else {
      return false
    }
    let outcome = flag.evaluate(&question, depth: depth + 1)
    return flag.variants[outcome.variant].name == needed.variant
  }
}

/// What the platform has under a flag's key.
enum FlagEntry: Sendable {
  case flag(Flag)
  /// Something that is no definition.
  case malformed
}
