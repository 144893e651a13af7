internal import Synchronization

/// A wake-up for one waiter: raised any number of times before it is waited for, it wakes once.
public final class AsyncSignal: Sendable {
  private enum State: Equatable {
    case lowered
    case raised
    case awaited(Poller.Ticket)
  }

  private let state = Mutex(State.lowered)
  private let poller = Poller.shared

  /// A signal that is not raised.
  public init() {}

  /// Wakes the waiter, or the next one if nobody waits.
  public func raise() {
    let ticket = state.withLock { state -> Poller.Ticket? in
      guard case .awaited(let ticket) = state else {
        state = .raised
        return nil
      }
      state = .lowered
      return ticket
    }
    if let ticket { poller.end(ticket) }
  }

  /// Returns when the signal is raised, when `timeout` has passed (`nil`: never), or when the task is
  /// cancelled. Clears the signal. Only one task may wait at a time.
  public func wait(timeout: Duration? = nil) async {
    let deadline = Deadline.after(timeout)
    let ticket = poller.ticket()
    await withTaskCancellationHandler {
      try? await withCheckedThrowingContinuation { continuation in
        let isDone = state.withLock { state in
          switch state {
          case .awaited: preconditionFailure("AsyncSignal has one waiter")
          case .raised:
            state = .lowered
            return true
          case .lowered:
            state = .awaited(ticket)
            // Before anybody can raise it.
            poller.begin(ticket, .task(continuation), until: deadline)
            return false
          }
        }
        if isDone { return continuation.resume() }
        // Cancelled before it began: nobody else ends it.
        if Task.isCancelled { poller.end(ticket) }
      }
    } onCancel: {
      poller.end(ticket)
    }
    // Its time is up, or the task's.
    state.withLock { if $0 == .awaited(ticket) { $0 = .lowered } }
  }
}
