internal import Kubernetes

/// Looks whether an object says what the blueprint says. Changes nothing.
struct CompareMachine: Machine {
  private let path: String
  private let desired: JSONValue

  init(path: String, desired: JSONValue) {
    self.path = path
    self.desired = desired
  }

  mutating func start() -> Action { .send(.get(path: path)) }

  mutating func handle(_ reply: Reply) -> Action {
    switch reply {
    case .object(let actual, _):
      let differences = actual.differences(from: desired)
      return .done(
        differences.isEmpty
          ? .same(actual)
          : .differs(actual, differences.map(\.description).joined(separator: "; ")))
    // A binding of nobody grants what a missing one grants.
    case .refused(404, _, _, _) where desired["subjects"]?.array?.isEmpty == true:
      return .done(.skipped)
    case .refused(404, _, _, _): return .done(.missing)
    case .refused, .unknown: return .done(.failed(StepMachine.failure(reply)))
    }
  }
}
