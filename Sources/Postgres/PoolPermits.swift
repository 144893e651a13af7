internal import AsyncIO
internal import Synchronization

/// How many connections of a pool may be lent: a few at once, and one more each time that somebody has waited
/// in vain for a while, up to the pool's size.
///
/// A burst of short statements does not deserve as many connections: each has to load the catalogue and to plan
/// every statement of its own, for tens of milliseconds of processor time. Whoever waits for a lock must
/// not keep the others from theirs, though.
final class PoolPermits: Sendable {
  private struct State {
    /// Who have a connection, or wait for one.
    var borrowers = 0
    var permits: Int
    /// Whether a wait is being timed.
    var isTimed = false
  }

  private let size: Int
  private let patience: Duration
  private let semaphore: AsyncSemaphore
  private let state: Mutex<State>

  /// How many are lent without a wait.
  private static let atOnce = 4

  init(size: Int, patience: Duration) {
    let permits = min(size, Self.atOnce)
    self.size = size
    self.patience = patience
    semaphore = AsyncSemaphore(permits: permits)
    state = Mutex(State(permits: permits))
  }

  /// Runs `body` while holding a permit.
  /// - Throws: `CancellationError` if the task is cancelled while it waits, and what `body` throws.
  func withPermit<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    let mustTime = state.withLock { state in
      state.borrowers += 1
      guard !state.isTimed, state.borrowers > state.permits, state.permits < size else {
        return false
      }
      state.isTimed = true
      return true
    }
    defer { state.withLock { $0.borrowers -= 1 } }
    if mustTime { time() }
    return try await semaphore.withPermit(body)
  }

  private func time() {
    _ = IOThread.start {
      repeat { try? await Deadline.after(self.patience).sleep() } while self.grow()
    }
  }

  /// - Returns: Whether somebody may still be waiting.
  private func grow() -> Bool {
    let grows = state.withLock { state in
      guard state.borrowers > state.permits, state.permits < size else {
        state.isTimed = false
        return false
      }
      state.permits += 1
      return true
    }
    if grows { semaphore.add() }
    return grows
  }
}
