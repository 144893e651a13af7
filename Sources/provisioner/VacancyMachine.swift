internal import Kubernetes

/// Looks whether a collection is empty, but for what is on its way out. Changes nothing.
struct VacancyMachine: Machine {
  private let path: String

  init(path: String) { self.path = path }

  mutating func start() -> Action { .send(.list(path: path)) }

  mutating func handle(_ reply: Reply) -> Action {
    switch reply {
    case .object(let list, _):
      let names = list.livingItems.compactMap { $0["metadata"]?["name"]?.string }
      guard !names.isEmpty else { return .done(.same(list)) }
      return .done(.differs(list, "should not be there: \(names.sorted().joined(separator: ", "))"))
    case .refused, .unknown: return .done(.failed(StepMachine.failure(reply)))
    }
  }
}

extension JSONValue {
  /// Of a collection what is not being deleted already.
  var livingItems: [JSONValue] {
    (self["items"]?.array ?? []).filter { $0["metadata"]?["deletionTimestamp"] == nil }
  }
}
