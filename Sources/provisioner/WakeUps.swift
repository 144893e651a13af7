internal import AsyncIO
internal import ServiceLifecycle
internal import Synchronization

/// Wakes one sleeping worker at a time: whoever finds something to do wakes the next one, as there may be
/// more. All of them at once would ask for the one job that there mostly is, and keep each other from it.
final class WakeUps: Sendable {
  private struct State {
    var sleepers: [AsyncSignal] = []
    /// Somebody was to be woken when nobody slept: who goes to sleep next, looks again instead.
    var isOwed = false
  }

  private let state = Mutex(State())

  /// Wakes one, or keeps the next one from falling asleep.
  func wakeOne() {
    let sleeper = state.withLock { state -> AsyncSignal? in
      guard let sleeper = state.sleepers.popLast() else {
        state.isOwed = true
        return nil
      }
      return sleeper
    }
    sleeper?.raise()
  }

  /// Wakes all: none of them has heard anything for a while.
  func wakeAll() {
    let sleepers = state.withLock { state in
      defer { state.sleepers = [] }
      state.isOwed = true
      return state.sleepers
    }
    for sleeper in sleepers { sleeper.raise() }
  }

  /// Returns when it is woken, when `duration` has passed, or when the process is to end.
  func sleep(for duration: Duration) async {
    let signal = AsyncSignal()
    let isAwake = state.withLock { state in
      if state.isOwed {
        state.isOwed = false
        return true
      }
      state.sleepers.append(signal)
      return false
    }
    if isAwake { return }
    await cancelWhenGracefulShutdown { await signal.wait(timeout: duration) }
    state.withLock { $0.sleepers.removeAll { $0 === signal } }
  }
}
