internal import Kubernetes

/// Takes the namespace of a tenant over for this attempt: from here on, whoever holds an older fence is
/// refused by the API server.
struct HoldMachine: Machine {
  private let path: String
  private let operationID: String
  /// That of the namespace, where it is recorded.
  private let uid: String?
  private let fence: Int64
  /// Whether the namespace may be gone, or on its way: it is to be deleted.
  private let isDeletion: Bool
  private var isTakingOver = false

  init(path: String, operationID: String, uid: String?, fence: Int64, isDeletion: Bool) {
    self.path = path
    self.operationID = operationID
    self.uid = uid
    self.fence = fence
    self.isDeletion = isDeletion
  }

  mutating func start() -> Action { .send(.get(path: path)) }

  mutating func handle(_ reply: Reply) -> Action {
    switch reply {
    case .object(let namespace, _) where isTakingOver: .done(.adopted(namespace))
    case .object(let namespace, _): read(namespace)
    case .refused(404, _, _, _) where isDeletion: .done(.absent)
    case .refused(404, _, _, _):
      failed(.absent, "the namespace is gone, though nobody here has deleted it")
    case .refused(422, _, _, _) where isTakingOver:
      failed(.conflict, "the namespace changed meanwhile")
    case .refused, .unknown: .done(.failed(StepMachine.failure(reply)))
    }
  }

  private mutating func read(_ namespace: JSONValue) -> Action {
    guard let marks = Fence(namespace), marks.operationID == operationID,
      namespace["metadata"]?["uid"]?.string == uid ?? namespace["metadata"]?["uid"]?.string
    else {
      // None was recorded: it was never made, or somebody has taken its marks away.
      return isDeletion && uid == nil
        ? .done(.foreign)
        : failed(.foreign, "the namespace is not the one that was made for this tenant")
    }
    if let terminating = Failure(terminating: namespace) {
      // Nothing is to be fenced off any more, and each write would set the namespace controller back.
      return isDeletion
        ? .done(.failed(terminating))
        : failed(.absent, "the namespace is being deleted, though not by us")
    }
    if marks.number > fence { return .done(.failed(.ahead(marks, of: fence))) }
    if marks.number == fence { return .done(.adopted(namespace)) }
    isTakingOver = true
    return .send(.patch(path: path, body: Fence.takeOver(namespace, from: marks, to: fence)))
  }

  private func failed(_ code: Failure.Code, _ message: String) -> Action {
    .done(.failed(Failure(code: code, message: message)))
  }
}
