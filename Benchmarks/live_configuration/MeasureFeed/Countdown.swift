internal import Synchronization

/// When each of some had what it waits for.
final class Countdown: Sendable {
  private struct State {
    var missing = 0
    var at: [ContinuousClock.Instant] = []
    var waiting: CheckedContinuation<[ContinuousClock.Instant], Never>?
  }

  private let state = Mutex(State())

  /// From now on `count` are missing.
  func begin(_ count: Int) {
    state.withLock {
      $0.missing = count
      $0.at = []
    }
  }

  /// One of them has it, now.
  func count() {
    let now = ContinuousClock.now
    let done = state.withLock { state -> (() -> Void)? in
      guard state.missing > 0 else { return nil }
      state.at.append(now)
      state.missing -= 1
      guard state.missing == 0, let waiting = state.waiting else { return nil }
      state.waiting = nil
      let at = state.at
      return { waiting.resume(returning: at) }
    }
    done?()
  }

  /// When each of them had it, once all have.
  func all() async -> [ContinuousClock.Instant] {
    await withCheckedContinuation { continuation in
      let at = state.withLock { state -> [ContinuousClock.Instant]? in
        guard state.missing > 0 else { return state.at }
        state.waiting = continuation
        return nil
      }
      if let at { continuation.resume(returning: at) }
    }
  }
}
