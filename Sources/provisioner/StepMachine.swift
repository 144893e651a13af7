internal import Kubernetes

/// Brings one object of the blueprint into being. Takes replies, asks for calls.
///
/// A write whose outcome is unknown, and one that was refused because something is there already, is
/// resolved by reading, at once: what the API server holds is the truth.
struct StepMachine: Machine {
  private enum Phase: Sendable {
    case ready
    /// The write is under way.
    case writing
    /// Reading, to resolve a write that ended so.
    case resolving(Failure)
    /// Taking a namespace over from an earlier attempt.
    case takingOver
    /// Looking whether a different object, which has this version, lies in our namespace.
    case asking(version: JSONValue)
    /// Putting our object in the place of a different one.
    case replacing
    /// Reading whether what is there is to be written over came through, which ended so.
    case looking(Failure)
    case done(Outcome)
  }

  private let step: Step
  /// The step's body, with the fields of earlier answers filled in.
  private let desired: JSONValue
  private let operationID: String
  private let fence: Int64
  private let home: Home
  private var phase = Phase.ready

  init(step: Step, desired: JSONValue, operationID: String, fence: Int64, home: Home) {
    self.step = step
    self.desired = desired
    self.operationID = operationID
    self.fence = fence
    self.home = home
  }

  /// The first action.
  mutating func start() -> Action {
    phase = .writing
    switch step.verb {
    case .create: return .send(.create(path: step.path, body: desired))
    case .replace: return .send(.replace(path: step.path, body: desired))
    case .merge: return .send(.merge(path: step.path, body: desired))
    case .patch: return .send(.patch(path: step.path, body: desired))
    case .hold, .apply, .clear, .delete, .compare, .vacant:
      preconditionFailure("they have machines of their own")
    }
  }

  /// The action that follows from a reply.
  mutating func handle(_ reply: Reply) -> Action {
    switch phase {
    case .ready, .done:
      preconditionFailure("a reply without a request")
    case .writing:
      return wrote(reply)
    case .resolving(let failure):
      return resolve(reply, failure: failure)
    case .takingOver:
      switch reply {
      case .object(let object, _): return finish(.adopted(object))
      // The transport may have sent it twice, and the second was refused.
      case .refused(422, _, _, _):
        return look(after: conflict("another attempt took the namespace over meanwhile"))
      case .refused: return finish(.failed(Self.failure(reply)))
      case .unknown: return look(after: Self.failure(reply))
      }
    case .asking(let version):
      return home.isIn(reply) ? replace(version) : finish(.failed(Home.failure(reply)))
    case .replacing:
      switch reply {
      case .object(let object, let status):
        return finish(.lost(of: desired, in: object) ?? .replaced(object, status: status))
      // 409: another version by now, or the second of two.
      case .unknown, .refused(409, _, _, _): return look(after: Self.failure(reply))
      case .refused: return finish(.failed(Self.failure(reply)))
      }
    case .looking(let failure):
      guard case .object(let actual, _) = reply, says(actual) else {
        return finish(.failed(failure.waiting(asToldBy: reply)))
      }
      return finish(.adopted(actual))
    }
  }

  private mutating func look(after failure: Failure) -> Action {
    phase = .looking(failure)
    return .send(.get(path: step.objectPath))
  }

  /// Whether an object is as a write would have left it that was to change what was there.
  private func says(_ actual: JSONValue) -> Bool {
    guard isFenced else { return actual.contains(desired.withoutVersion) }
    return Fence(actual) == Fence(operationID: operationID, number: fence)
  }

  private mutating func wrote(_ reply: Reply) -> Action {
    switch (step.verb, reply) {
    case (.create, .object(let object, let status)):
      return finish(.lost(of: desired, in: object) ?? .created(object, status: status))
    case (.merge, .object(let object, _)) where !object.contains(desired.withoutVersion),
      (.patch, .object(let object, _)) where !object.shows(patch: desired):
      return finish(.failed(conflict("somebody else changes it at the same time")))
    case (_, .object(let object, let status)):
      return finish(.patched(object, status: status))
    case (.replace, .refused(409, _, _, _)):
      return finish(.skipped)
    case (.create, .refused(409, "AlreadyExists", _, _)) where step.onExists == .accept:
      return finish(.adopted(.null))
    // The collection is gone: the namespace is. Nothing is there to be read.
    case (.create, .refused(404, _, let message, _)):
      return finish(.failed(conflict(message)))
    case (_, .refused(429, _, _, _)), (_, .refused(401, _, _, _)):
      return finish(.failed(Self.failure(reply)))
    case (.merge, .refused(409, _, _, _)):
      return look(after: Self.failure(reply))
    case (.replace, .refused), (.merge, .refused):
      return finish(.failed(Self.failure(reply)))
    case (.replace, .unknown), (.merge, .unknown):
      return look(after: Self.failure(reply))
    case (.create, .refused), (.create, .unknown), (.patch, .refused), (.patch, .unknown),
      (.hold, _), (.apply, _), (.clear, _), (.delete, _), (.compare, _), (.vacant, _):
      phase = .resolving(Self.failure(reply))
      return .send(.get(path: step.objectPath))
    }
  }

  private mutating func resolve(_ reply: Reply, failure: Failure) -> Action {
    guard case .object(let actual, _) = reply else {
      if case .refused(404, _, _, _) = reply { return finish(.failed(absent(after: failure))) }
      return finish(
        .failed(
          failure.code == .conflict ? Self.failure(reply) : failure.waiting(asToldBy: reply)))
    }
    if isFenced { return resolve(namespace: actual, failure: failure) }
    if step.verb == .patch { return resolve(patched: actual, failure: failure) }
    switch step.onExists {
    case .accept:
      return finish(.adopted(actual))
    case .compare:
      if actual.contains(desired) { return finish(.adopted(actual)) }
      guard let version = actual["metadata"]?["resourceVersion"] else {
        return finish(.failed(failure))
      }
      // Refused for another reason than that it exists: to replace it would be refused, too.
      guard failure.code == .conflict else { return finish(.failed(failure)) }
      if home.owns(actual) { return replace(version) }
      phase = .asking(version: version)
      return .send(.get(path: home.path))
    }
  }

  private mutating func replace(_ version: JSONValue) -> Action {
    phase = .replacing
    return .send(
      .replace(
        path: step.objectPath, body: desired.setting("metadata", "resourceVersion", to: version)))
  }

  private mutating func resolve(namespace: JSONValue, failure: Failure) -> Action {
    // Whosever it was: it makes room.
    if let terminating = Failure(terminating: namespace) { return finish(.failed(terminating)) }
    guard let theirs = Fence(namespace), theirs.operationID == operationID else {
      return finish(
        .failed(
          Failure(
            code: .foreign,
            message: "the namespace exists and belongs to somebody else", status: failure.status)))
    }
    if theirs.number > fence { return finish(.failed(.ahead(theirs, of: fence))) }
    if step.verb == .patch {
      // It is as the patch makes it, or the patch did not come through.
      if theirs.number == fence, namespace.shows(patch: desired) {
        return finish(.adopted(namespace))
      }
      return finish(
        .failed(failure.status == 422 ? conflict(failure.message) : failure))
    }
    if theirs.number == fence { return finish(.adopted(namespace)) }
    phase = .takingOver
    return .send(
      .patch(path: step.objectPath, body: Fence.takeOver(namespace, from: theirs, to: fence)))
  }

  /// It is as the patch makes it, or another one by now, or the patch did not come through.
  private mutating func resolve(patched actual: JSONValue, failure: Failure) -> Action {
    if actual.shows(patch: desired) { return finish(.adopted(actual)) }
    guard actual.passes(testsOf: desired) else {
      return finish(.failed(conflict("somebody else has changed it meanwhile")))
    }
    return finish(.failed(failure))
  }

  /// Whether the object is the namespace, which carries the marks: its creation, or the gate.
  private var isFenced: Bool {
    Fence(desired) != nil || step.verb == .patch && step.path == home.path
  }

  private mutating func finish(_ outcome: Outcome) -> Action {
    phase = .done(outcome)
    return .done(outcome)
  }

  /// Nothing is there. What stopped the write stands, unless it was that something is there.
  private func absent(after failure: Failure) -> Failure {
    failure.code == .conflict ? conflict("it was there, and now it is not") : failure
  }

  private func conflict(_ message: String) -> Failure {
    Failure(code: .conflict, message: message, status: nil)
  }

  /// What an answer other than success means.
  static func failure(_ reply: Reply) -> Failure {
    switch reply {
    case .object:
      return Failure(code: .internal, message: "an answer that is no failure")
    case .unknown(let message, let status, let retryAfter):
      return Failure(
        code: .unavailable, message: message, status: status, retryAfter: retryAfter)
    case .refused(let status, let reason, let message, let retryAfter):
      let code: Failure.Code =
        switch status {
        case 429: .throttled
        // Our credentials have run out or are being renewed, which says nothing about the object.
        case 401: .unavailable
        // A namespace that is being deleted refuses with 403, too, but says so.
        case 403: message.contains("being terminated") ? .terminating : .forbidden
        case 404, 409: .conflict
        // The object that was read is gone, and another one in its place.
        case 422 where message.contains("metadata.uid"): .conflict
        case 400, 413, 415, 422: .invalid
        default: .internal
        }
      return Failure(
        code: code, message: "\(status) \(reason): \(message)", status: status,
        retryAfter: retryAfter)
    }
  }
}
