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
  private var phase = Phase.reading

  private enum Phase: Sendable {
    case reading
    case takingOver
    /// Reading whether the taking over came through, which ended so.
    case looking(Failure)
  }

  init(path: String, operationID: String, uid: String?, fence: Int64, isDeletion: Bool) {
    self.path = path
    self.operationID = operationID
    self.uid = uid
    self.fence = fence
    self.isDeletion = isDeletion
  }

  mutating func start() -> Action { .send(.get(path: path)) }

  mutating func handle(_ reply: Reply) -> Action {
    switch (phase, reply) {
    case (.reading, .object(let namespace, _)): return read(namespace)
    case (.takingOver, .object(let namespace, _)): return .done(.adopted(namespace))
    case (.looking(let failure), .object(let namespace, _)):
      let isOurs = Fence(namespace) == Fence(operationID: operationID, number: fence)
      return .done(isOurs ? .adopted(namespace) : .failed(failure))
    case (_, .refused(404, _, _, _)) where isDeletion: return .done(.absent)
    case (_, .refused(404, _, _, _)):
      return failed(.absent, "the namespace is gone, though nobody here has deleted it")
    // The transport may have sent it twice, and the second was refused.
    case (.takingOver, .refused(422, _, _, _)):
      phase = .looking(Failure(code: .conflict, message: "the namespace changed meanwhile"))
      return start()
    case (.takingOver, .unknown):
      phase = .looking(StepMachine.failure(reply))
      return start()
    case (.looking(let failure), .refused), (.looking(let failure), .unknown):
      return .done(.failed(failure.waiting(asToldBy: reply)))
    case (.reading, .refused), (.reading, .unknown), (.takingOver, .refused):
      return .done(.failed(StepMachine.failure(reply)))
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
    phase = .takingOver
    return .send(.patch(path: path, body: Fence.takeOver(namespace, from: marks, to: fence)))
  }

  private func failed(_ code: Failure.Code, _ message: String) -> Action {
    .done(.failed(Failure(code: code, message: message)))
  }
}
