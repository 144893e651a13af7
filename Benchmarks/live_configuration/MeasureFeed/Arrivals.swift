internal import HotConfig
internal import Synchronization

/// When each subscriber had which version of the key that changes.
final class Arrivals: Sendable {
  private struct State {
    var version: Int64 = 0
    var announcedAt: ContinuousClock.Instant?
  }

  private let state = Mutex(State())
  private let countdown = Countdown()
  private let key: ConfigValue.Key

  init(of key: ConfigValue.Key) { self.key = key }

  /// Takes what a subscriber tells.
  func take(_ event: HotConfigEvent) {
    if case .announced = event { state.withLock { $0.announcedAt = .now } }
    guard case .changed(let change) = event, change.key == key, let new = change.new,
      new.version == state.withLock({ $0.version })
    else { return }
    countdown.count()
  }

  /// From now on `count` subscribers are to get `version`.
  func expect(_ version: Int64, by count: Int) {
    countdown.begin(count)
    state.withLock { $0.version = version }
  }

  /// When the last announcement was heard.
  var announcedAt: ContinuousClock.Instant? { state.withLock { $0.announcedAt } }

  /// When each of them had it.
  func all() async -> [ContinuousClock.Instant] { await countdown.all() }
}
