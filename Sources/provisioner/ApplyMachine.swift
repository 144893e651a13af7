internal import Kubernetes

/// Brings an object to what the blueprint says, over whatever others have written: server-side apply, and
/// where that leaves what others have added (it takes away only what the same manager had applied), as a
/// whole.
///
/// What is there is named by uid and version, and what is not there is created. So nobody else's object is
/// ever written over (the owner that ours bear would make the garbage collector delete it), and a worker
/// that was overtaken does not take back what its successor has brought about.
struct ApplyMachine: Machine {
  private enum Phase: Sendable {
    case reading
    /// Whether our namespace is there still, in which this object, if any, lies.
    case asking(JSONValue?)
    case applying(uid: JSONValue)
    case replacing(uid: JSONValue)
    /// Making room for one of ours: what cannot be changed of it is different.
    case deleting
    case creating
    /// Reading whether a write came through that ended so.
    /// - `uid`: That of the object, if it was there before.
    case looking(Failure, uid: JSONValue?)
    /// The same of the deletion.
    case lookingWhetherGone(Failure)
  }

  private let path: String
  private let desired: JSONValue
  private let home: Home
  private var phase = Phase.reading

  init(path: String, desired: JSONValue, home: Home) {
    self.path = path
    self.desired = desired
    self.home = home
  }

  mutating func start() -> Action { .send(.get(path: path)) }

  mutating func handle(_ reply: Reply) -> Action {
    switch (phase, reply) {
    case (.reading, .object(let actual, _)):
      if home.owns(actual) { return apply(to: actual) }
      phase = .asking(actual)
      return .send(.get(path: home.path))
    case (.reading, .refused(404, _, _, _)):
      phase = .asking(nil)
      return .send(.get(path: home.path))
    case (.asking(let actual), _):
      guard home.isIn(reply) else { return .done(.failed(Home.failure(reply))) }
      return actual.map { apply(to: $0) } ?? create()
    case (.applying(let uid), .object(let object, let status)):
      guard object.contains(desired) else {
        phase = .replacing(uid: uid)
        return .send(.replace(path: path, body: marked(as: object)))
      }
      return .done(.patched(object, status: status))
    case (.replacing, .object(let object, let status)):
      return .done(.lost(of: desired, in: object) ?? .replaced(object, status: status))
    // By this it means a field that it does not know, or that is none of its type; with 500, though it will say
    // so again.
    case (.applying, .unknown(let message, 500, _))
    where message.contains("failed to create typed patch object"):
      return .done(.failed(Failure(code: .invalid, message: message, status: 500)))
    // Whose role a binding gives cannot be changed of it (validation of RoleBinding), and a tenant's
    // administrator can make one of our name that gives another.
    case (.applying(let uid), .refused(422, _, let message, _))
    where message.contains("cannot change roleRef"):
      phase = .deleting
      return .send(.delete(path: path, uid: uid.string ?? "", resourceVersion: nil))
    case (.deleting, .object), (.deleting, .refused(404, _, _, _)):
      return create()
    case (.creating, .object(let object, let status)):
      return .done(.lost(of: desired, in: object) ?? .created(object, status: status))
    // 409: another version by now, or the transport has sent it twice, and the second was refused.
    case (.applying(let uid), .unknown), (.replacing(let uid), .unknown),
      (.applying(let uid), .refused(409, _, _, _)), (.replacing(let uid), .refused(409, _, _, _)):
      return look(.looking(StepMachine.failure(reply), uid: uid))
    case (.creating, .unknown), (.creating, .refused(409, _, _, _)):
      return look(.looking(StepMachine.failure(reply), uid: nil))
    case (.deleting, .unknown):
      return look(.lookingWhetherGone(StepMachine.failure(reply)))
    // The very object that was written to, or one that says itself that it is ours.
    case (.looking(_, let uid), .object(let object, _))
    where object.contains(desired)
      && (home.owns(object) || uid != nil && object["metadata"]?["uid"] == uid):
      return .done(.adopted(object))
    case (.lookingWhetherGone, .refused(404, _, _, _)):
      return create()
    // The next attempt looks first.
    case (.looking(let failure, _), _), (.lookingWhetherGone(let failure), _):
      return .done(.failed(failure.waiting(asToldBy: reply)))
    case (.reading, .refused), (.reading, .unknown), (.applying, .refused), (.replacing, .refused),
      (.deleting, .refused), (.creating, .refused):
      return .done(.failed(StepMachine.failure(reply)))
    }
  }

  private mutating func look(_ next: Phase) -> Action {
    phase = next
    return .send(.get(path: path))
  }

  private mutating func apply(to actual: JSONValue) -> Action {
    phase = .applying(uid: actual["metadata"]?["uid"] ?? .null)
    return .send(.apply(path: path, body: marked(as: actual)))
  }

  /// What is to be, as the next version of what is there.
  private func marked(as actual: JSONValue) -> JSONValue {
    ["uid", "resourceVersion"].reduce(desired) { body, key in
      body.setting("metadata", key, to: actual["metadata"]?[key] ?? .null)
    }
  }

  private mutating func create() -> Action {
    phase = .creating
    return .send(
      .create(path: String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]), body: desired))
  }
}
