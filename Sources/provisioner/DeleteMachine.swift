internal import Kubernetes

/// Deletes a namespace, if it is ours, and waits until it is gone: the end of a tenant, of a creation that cannot
/// succeed, and of what a late worker has left.
///
/// Never deletes what it has not just read: the DELETE carries the uid and the resourceVersion, so
/// that whatever another worker has done meanwhile makes the API server refuse.
struct DeleteMachine: Machine {
  private enum Phase: Sendable {
    case reading
    case takingOver
    case deleting
    case looking
    /// Reading whether the taking over came through, which ended so.
    case lookingWhetherTaken(Failure)
    /// The same of the deletion.
    case lookingWhetherGone(Failure)
  }

  private let path: String
  private let operationID: String
  private let uid: String?
  private let fence: Int64
  private var phase = Phase.reading

  /// - Parameter uid: That of the namespace, where it is recorded.
  init(namespace: String, operationID: String, uid: String?, fence: Int64) {
    path = "/api/v1/namespaces/\(namespace)"
    self.operationID = operationID
    self.uid = uid
    self.fence = fence
  }

  /// The first action.
  mutating func start() -> Action {
    phase = .reading
    return .send(.get(path: path))
  }

  /// The action that follows from a reply.
  mutating func handle(_ reply: Reply) -> Action {
    switch (phase, reply) {
    case (.reading, .refused(404, _, _, _)):
      return .done(.absent)
    case (.deleting, .refused(404, _, _, _)), (.looking, .refused(404, _, _, _)),
      (.lookingWhetherGone, .refused(404, _, _, _)):
      return .done(.deleted)
    case (.reading, .object(let namespace, _)):
      return read(namespace)
    case (.takingOver, .object(let namespace, _)):
      return delete(namespace)
    // The transport may have sent it twice, and the second was refused.
    case (.takingOver, .refused(422, _, _, _)):
      return look(
        .lookingWhetherTaken(Failure(code: .conflict, message: "the namespace changed meanwhile")))
    case (.deleting, .object):
      phase = .looking
      return .send(.get(path: path))
    case (.looking, .object(let namespace, _)):
      return .done(
        .failed(
          Failure(terminating: namespace)
            ?? Failure(code: .conflict, message: "another namespace has taken its place")))
    case (.takingOver, .unknown):
      return look(.lookingWhetherTaken(StepMachine.failure(reply)))
    case (.deleting, .unknown), (.deleting, .refused(409, _, _, _)):
      return look(.lookingWhetherGone(StepMachine.failure(reply)))
    case (.lookingWhetherTaken, .object(let namespace, _))
    where Fence(namespace) == Fence(operationID: operationID, number: fence):
      return delete(namespace)
    case (.lookingWhetherGone(let failure), .object(let namespace, _)):
      return .done(.failed(Failure(terminating: namespace) ?? failure))
    case (.lookingWhetherTaken(let failure), _), (.lookingWhetherGone(let failure), _):
      return .done(.failed(failure.waiting(asToldBy: reply)))
    case (.reading, .refused), (.reading, .unknown), (.takingOver, .refused),
      (.deleting, .refused), (.looking, .refused), (.looking, .unknown):
      return .done(.failed(StepMachine.failure(reply)))
    }
  }

  private mutating func look(_ next: Phase) -> Action {
    phase = next
    return .send(.get(path: path))
  }

  private mutating func read(_ namespace: JSONValue) -> Action {
    guard let marks = Fence(namespace), marks.operationID == operationID,
      uid == nil || namespace["metadata"]?["uid"]?.string == uid
    else { return .done(.foreign) }
    if let terminating = Failure(terminating: namespace) { return .done(.failed(terminating)) }
    if marks.number > fence { return .done(.failed(.ahead(marks, of: fence))) }
    if marks.number == fence { return delete(namespace) }
    phase = .takingOver
    return .send(.patch(path: path, body: Fence.takeOver(namespace, from: marks, to: fence)))
  }

  private mutating func delete(_ namespace: JSONValue) -> Action {
    guard let uid = namespace["metadata"]?["uid"]?.string,
      let version = namespace["metadata"]?["resourceVersion"]?.string
    else {
      return .done(.failed(Failure(code: .internal, message: "a namespace without a uid")))
    }
    phase = .deleting
    return .send(.delete(path: path, uid: uid, resourceVersion: version))
  }
}
