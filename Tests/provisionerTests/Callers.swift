internal import AsyncIO
internal import Synchronization
internal import TestSupport

@testable internal import provisioner

/// Dies at a call, like a worker that is killed there: before the call is sent, or after it has been carried
/// out. Nothing of it is heard any more.
final class DyingCaller: Caller {
  private let caller: any Caller
  private let isSent: Bool
  private let isLast: @Sendable (Request, _ number: Int) -> Bool
  private let state = Mutex<(calls: Int, isDead: Bool)>((0, false))

  /// At the n-th one.
  convenience init(_ caller: any Caller, atCall call: Int, isSent: Bool) {
    self.init(caller, isSent: isSent) { _, number in number == call }
  }

  /// When the first one is carried out that is meant.
  convenience init(_ caller: any Caller, after isMeant: @escaping @Sendable (Request) -> Bool) {
    self.init(caller, isSent: true) { request, _ in isMeant(request) }
  }

  private init(
    _ caller: any Caller, isSent: Bool,
    isLast: @escaping @Sendable (Request, _ number: Int) -> Bool
  ) {
    self.caller = caller
    self.isSent = isSent
    self.isLast = isLast
  }

  /// Whether it has come to that call.
  var isDead: Bool { state.withLock { $0.isDead } }

  func send(_ request: Request, auditID: String) async -> Reply? {
    let isMade = state.withLock { state in
      guard !state.isDead else { return false }
      state.calls += 1
      state.isDead = isLast(request, state.calls)
      return !state.isDead || isSent
    }
    guard isMade else { return nil }
    let reply = await caller.send(request, auditID: auditID)
    // Its own, or side by side with the call at which it dies: the answer is never read.
    return isDead ? nil : reply
  }
}

/// Stands still before calls that `holds` names, as a stopped process does, until it is continued; then
/// sends them as if no time had passed.
final class StoppedCaller: Caller {
  private let caller: any Caller
  private let holds: @Sendable (Request) -> Bool
  /// Several calls may wait, side by side.
  private let state = Mutex<(isStopped: Bool, isContinued: Bool, sent: [Reply?])>(
    (false, false, []))

  init(_ caller: any Caller, holds: @escaping @Sendable (Request) -> Bool) {
    self.caller = caller
    self.holds = holds
  }

  /// Returns when it stands still.
  func waitForStop() async {
    try? await eventually { state.withLock { $0.isStopped } }
  }
  /// Lets it go on.
  func goOn() { state.withLock { $0.isContinued = true } }
  /// What the calls that it had held came to.
  var repliesAfterStop: [Reply?] { state.withLock { $0.sent } }

  func send(_ request: Request, auditID: String) async -> Reply? {
    guard holds(request) else { return await caller.send(request, auditID: auditID) }
    state.withLock { $0.isStopped = true }
    try? await eventually { state.withLock { $0.isContinued } }
    let reply = await caller.send(request, auditID: auditID)
    state.withLock { $0.sent.append(reply) }
    return reply
  }
}

/// Has something happen in the middle of a job: before the first call that `matches` names, or after its
/// answer. Once.
final class InterruptedCaller: Caller {
  enum Moment: Sendable { case before, after }

  private enum State {
    case waiting
    case happened
    case failed(any Error)
    /// It is too late for it.
    case over
  }

  private let caller: any Caller
  private let moment: Moment
  private let matches: @Sendable (Request) -> Bool
  private let act: @Sendable () async throws -> Void
  private let state = Mutex(State.waiting)

  init(
    _ caller: any Caller, _ moment: Moment, _ matches: @escaping @Sendable (Request) -> Bool,
    act: @escaping @Sendable () async throws -> Void
  ) {
    self.caller = caller
    self.moment = moment
    self.matches = matches
    self.act = act
  }

  /// Whether it has happened; throws what it has thrown.
  func hasHappened() throws -> Bool {
    switch state.withLock({ $0 }) {
    case .happened: true
    case .waiting, .over: false
    case .failed(let error): throw error
    }
  }

  /// From now on nothing happens any more.
  /// - Returns: Whether it has happened; throws what it has thrown.
  func disarm() throws -> Bool {
    state.withLock { if case .waiting = $0 { $0 = .over } }
    return try hasHappened()
  }

  func send(_ request: Request, auditID: String) async -> Reply? {
    let isMeant = state.withLock { state in
      guard case .waiting = state, matches(request) else { return false }
      state = .happened
      return true
    }
    guard isMeant else { return await caller.send(request, auditID: auditID) }
    if moment == .before { await interrupt() }
    let reply = await caller.send(request, auditID: auditID)
    if moment == .after { await interrupt() }
    return reply
  }

  private func interrupt() async {
    do {
      try await act()
    } catch {
      state.withLock { $0 = .failed(error) }
    }
  }
}

/// Sends one call after the other: what ends the connection of one ends nobody else's.
struct OrderlyCaller: Caller {
  private let caller: any Caller
  private let turn = AsyncSemaphore(permits: 1)

  init(_ caller: any Caller) { self.caller = caller }

  func send(_ request: Request, auditID: String) async -> Reply? {
    try? await turn.withPermit { await caller.send(request, auditID: auditID) }
  }
}

/// Reaches nobody.
struct LonelyCaller: Caller {
  func send(_ request: Request, auditID: String) async -> Reply? {
    .unknown(message: "nobody is there", status: nil)
  }
}

/// Has something happen before the n-th call of a job, whichever it is.
func interrupted(
  _ scene: Scene, beforeCall number: Int, act: @escaping @Sendable () async throws -> Void
) throws -> (worker: Worker, caller: InterruptedCaller) {
  let count = Counter()
  return try interrupted(scene, .before, { _ in count.next() == number }, act: act)
}

/// Counts from 1.
private final class Counter: Sendable {
  private let count = Mutex(0)

  func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}
