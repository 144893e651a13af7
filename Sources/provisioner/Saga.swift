internal import Kubernetes

/// The order of a job's steps: waves one after the other, the steps of a wave side by side, each after
/// the one it names. Knows no clock and no socket.
///
/// What lies in a namespace is sent as soon as the namespace is answered, though the API server may not
/// have it in its cache by then, and sleeps for 50 ms before it looks again (admission plugin
/// NamespaceLifecycle). Measured by that plugin's own histogram, on 1.20.2 with two cores: of 120
/// namespaces one after the other this befell 12 %; four side by side on a machine with a load of 16, 63 %
/// when sent at once, and 43 % after a wait of 5 ms; there, one after the other, still 27 % after 10 ms. A
/// wait would cost every tenant as much as the sleep costs on the average, and would raise the median.
/// `Benchmarks/run provisioner` prints how many creations wait, by the same histogram.
struct Saga: Sendable {
  private let steps: [Step]
  private var outcomes: [String: Outcome] = [:]
  private var started: Set<String> = []
  private(set) var answers = Answers()

  init(steps: [Step]) {
    self.steps = steps
  }

  /// The first failure, if any step has failed.
  var failure: Failure? {
    for step in steps {
      if case .failed(let failure)? = outcomes[step.name] { return failure }
    }
    return nil
  }

  /// Whether every step is done.
  var isDone: Bool { failure == nil && outcomes.count == steps.count }

  /// The steps that can begin now. None, once a step has failed: what is under way is awaited.
  mutating func begin() -> [Step] {
    guard failure == nil,
      let wave = steps.filter({ outcomes[$0.name] == nil }).map(\.wave).min()
    else { return [] }
    let ready = steps.filter { step in
      guard step.wave == wave, !started.contains(step.name) else { return false }
      return step.after.map { outcomes[$0] != nil } ?? true
    }
    started.formUnion(ready.map(\.name))
    return ready
  }

  /// Whether the namespace, which was to be deleted, is gone, or another one: nothing is left to be done.
  private var isGone: Bool {
    outcomes.values.contains(.absent) || outcomes.values.contains(.foreign)
  }

  /// Whether the step's condition says that it is not needed.
  func isNeedless(_ step: Step) -> Bool {
    if isGone { return true }
    if let reference = step.unless, answers.field(reference) != nil { return true }
    if let reference = step.onlyIf, answers.field(reference) == nil { return true }
    return false
  }

  /// Takes how a step ended.
  mutating func finish(_ name: String, _ outcome: Outcome) {
    outcomes[name] = outcome
    guard let object = outcome.object, let step = steps.first(where: { $0.name == name }) else {
      return
    }
    answers[step.answer] = object
  }
}
