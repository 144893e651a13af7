internal import HotConfig
internal import Synchronization

/// When each subscriber had which version of the key that changes.
final class Arrivals: Sendable {
  private struct State {
    var version: Int64 = 0
    var missing = 0
    var at: [ContinuousClock.Instant] = []
    var announcedAt: ContinuousClock.Instant?
    var waiting: CheckedContinuation<[ContinuousClock.Instant], Never>?
  }

  private let state = Mutex(State())
  private let key: ConfigValue.Key

  init(of key: ConfigValue.Key) { self.key = key }

  /// Takes what a subscriber tells.
  func take(_ event: HotConfigEvent) {
    if case .announced = event { state.withLock { $0.announcedAt = .now } }
    guard case .changed(let change) = event, change.key == key, let new = change.new else { return }
    let now = ContinuousClock.now
    let done = state.withLock { state -> (() -> Void)? in
      guard new.version == state.version, state.missing > 0 else { return nil }
      state.at.append(now)
      state.missing -= 1
      guard state.missing == 0, let waiting = state.waiting else { return nil }
      state.waiting = nil
      let at = state.at
      return { waiting.resume(returning: at) }
    }
    done?()
  }

  /// From now on `count` subscribers are to get `version`.
  func expect(_ version: Int64, by count: Int) {
    state.withLock {
      $0.version = version
      $0.missing = count
      $0.at = []
    }
  }

  /// When the last announcement was heard.
  var announcedAt: ContinuousClock.Instant? { state.withLock { $0.announcedAt } }

  /// When each of them had it.
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
