internal import Synchronization

/// A wake-up for one waiter: raised any number of times before it is waited for, it wakes once.
public final class AsyncSignal: Sendable {
  private struct State {
    var isRaised = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// A signal that is not raised.
  public init() {}

  /// Wakes the waiter, or the next one if nobody waits.
  public func raise() {
    let waiter = state.withLock { state in
      state.isRaised = state.waiter == nil
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  /// Returns when the signal is raised, when `timeout` has passed (`nil`: never), or when the task is
  /// cancelled. Clears the signal. Only one task may wait at a time.
  public func wait(timeout: Duration? = nil) async {
    guard let timeout else { return await waitForRaise() }
    await withTaskGroup { group in
      group.addTask { await self.waitForRaise() }
      group.addTask { try? await Task.sleep(for: timeout) }
      await group.next()
      group.cancelAll()
    }
  }

  private func waitForRaise() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDone = state.withLock { state in
          precondition(state.waiter == nil, "AsyncSignal has one waiter")
          if state.isRaised || Task.isCancelled {
            state.isRaised = false
            return true
          }
          state.waiter = continuation
          return false
        }
        if isDone { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume()
    }
  }
}
