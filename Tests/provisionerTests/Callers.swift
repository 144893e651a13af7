internal import AsyncIO
internal import Synchronization

@testable internal import provisioner

/// Dies at its n-th call, like a worker that is killed there: before the call is sent, or after it has
/// been carried out. Nothing of it is heard any more.
final class DyingCaller: Caller {
  private let caller: any Caller
  private let call: Int
  private let isSent: Bool
  private let count = Mutex(0)

  init(_ caller: any Caller, atCall call: Int, isSent: Bool) {
    self.caller = caller
    self.call = call
    self.isSent = isSent
  }

  /// Whether it has come to that call.
  var isDead: Bool { count.withLock { $0 >= call } }

  func send(_ request: Request, auditID: String) async -> Reply? {
    let number = count.withLock { count in
      count += 1
      return count
    }
    guard number >= call else {
      let reply = await caller.send(request, auditID: auditID)
      // Side by side with the call at which it dies: the answer is never read.
      return isDead ? nil : reply
    }
    if number == call, isSent { _ = await caller.send(request, auditID: auditID) }
    return nil
  }
}

/// Stands still before calls that `holds` names, as a stopped process does, until it is continued; then
/// sends them as if no time had passed.
final class StoppedCaller: Caller {
  private let caller: any Caller
  private let holds: @Sendable (Request) -> Bool
  private let stopped = AsyncSignal()
  private let continued = AsyncSignal()
  private let sent = Mutex<[Reply?]>([])

  init(_ caller: any Caller, holds: @escaping @Sendable (Request) -> Bool) {
    self.caller = caller
    self.holds = holds
  }

  /// Returns when it stands still.
  func waitForStop() async { await stopped.wait(timeout: .seconds(20)) }
  /// Lets it go on.
  func goOn() { continued.raise() }
  /// What the calls that it had held came to.
  var repliesAfterStop: [Reply?] { sent.withLock { $0 } }

  func send(_ request: Request, auditID: String) async -> Reply? {
    guard holds(request) else { return await caller.send(request, auditID: auditID) }
    stopped.raise()
    await continued.wait(timeout: .seconds(30))
    let reply = await caller.send(request, auditID: auditID)
    sent.withLock { $0.append(reply) }
    return reply
  }
}
