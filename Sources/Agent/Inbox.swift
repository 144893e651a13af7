internal import AsyncIO
internal import HotConfig
internal import Synchronization

/// What `HotConfig` tells of a service, until it is taken. A load's changes are taken together.
final class Inbox: Sendable {
  /// Loads that nobody has taken.
  struct Batch: Sendable {
    var changes: [ConfigChange] = []
    /// Of the last of them.
    var epoch: Int64?
  }

  private struct State: Sendable {
    /// Of the load that is being told.
    var open: [ConfigChange] = []
    var batch = Batch()
    var failure: String?
  }

  private let state = Mutex(State())
  private let signal = AsyncSignal()

  /// Takes note of an event.
  func note(_ event: HotConfigEvent) {
    switch event {
    case .changed(let change):
      state.withLock { $0.open.append(change) }
    case .loaded(_, _, let epoch, _):
      state.withLock { state in
        state.batch.changes += state.open
        state.batch.epoch = epoch
        state.open = []
      }
      signal.raise()
    case .state:
      signal.raise()
    case .interrupted(let error, _):
      state.withLock { $0.failure = "\(error)" }
    case .subscribed, .announced, .drifted, .flag:
      break
    }
  }

  /// Returns when there is something, or when `timeout` has passed.
  func wait(timeout: Duration) async { await signal.wait(timeout: timeout) }

  /// Takes what there is.
  func take() -> Batch {
    state.withLock { state in
      defer { state.batch = Batch() }
      return state.batch
    }
  }

  /// What has gone wrong last.
  var failure: String? { state.withLock { $0.failure } }

  /// Forgets what there is, of the load that is being told as well.
  func clear() {
    state.withLock { state in
      state.open = []
      state.batch = Batch()
    }
  }
}
