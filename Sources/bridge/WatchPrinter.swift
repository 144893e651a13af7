internal import AsyncIO
internal import Daemon
internal import Glibc
internal import HotConfig
internal import Postgres
internal import Redis
internal import Synchronization

/// Prints what happens to a service's configuration: standard output is data, standard error is talk.
final class WatchPrinter: Sendable {
  private struct State {
    var isReady = false
    var isSubscribed = false
    var wasTold = false
    var rest: Int?
    var refusal: StartupError?
  }

  private let service: String
  private let state: Mutex<State>
  private let end = AsyncSignal()

  /// - Parameter limit: End after so many changes; `nil`: never.
  init(service: String, limit: Int?) {
    self.service = service
    state = Mutex(State(rest: limit))
  }

  /// Returns when the limit is reached, or when the task is cancelled.
  /// - Throws: `StartupError` if a server refuses what is asked before anything was loaded.
  func finished() async throws {
    await end.wait()
    if let refusal = state.withLock({ $0.refusal }) { throw refusal }
  }

  func print(_ event: HotConfigEvent) {
    switch event {
    case .subscribed(let pattern):
      state.withLock { $0.isSubscribed = true }
      line("subscribed \(pattern)", to: .error)
    case .loaded(let isComplete, let rows, let epoch, let took):
      let isFirst = state.withLock { state in
        defer { state.isReady = true }
        return !state.isReady
      }
      if isFirst {
        line("ready    service=\(service) rows=\(rows) epoch=\(epoch) loaded_in=\(ms(took))")
      } else if isComplete {
        line("reloaded service=\(service) rows=\(rows) epoch=\(epoch)", to: .error)
      }
    case .drifted(_, let count):
      line(
        "drifted  service=\(service) values=\(count): changed without an announcement", to: .error)
    case .flag(let key, let trouble):
      line("flag     \(key): \(trouble)", to: .error)
    case .state(_, let new):
      // That it is ready at first is told by `ready`.
      let isNews = state.withLock { state in
        defer { state.wasTold = state.wasTold || new != .ready }
        return state.wasTold || new != .ready
      }
      if isNews { line("state    \(new.name)", to: .error) }
    case .announced(let channel, let payload):
      line("message  \(channel) \"\(payload)\"")
    case .changed(let change):
      self.change(change)
    case .interrupted(let error, let pause):
      // Refused before it ever worked: no further attempt changes that. Each server by itself: the
      // database may have answered long before Redis refuses.
      let isNew = state.withLock { error is RedisError ? !$0.isSubscribed : !$0.isReady }
      if let refusal = refusal(error), isNew {
        state.withLock { $0.refusal = refusal }
        end.raise()
      } else {
        line("interrupted: \(error); next attempt in \(pause.components.seconds) s", to: .error)
      }
    }
  }

  /// What no further attempt changes, in words for whoever has called; `nil` for anything else.
  private func refusal(_ error: any Error) -> StartupError? {
    switch error {
    case let error as PostgresError where error.sqlState == "42501":
      StartupError(
        error.description,
        hint: error.hint ?? "bind the login to the service with admin.bind_pod")
    case let error as RedisError where error.code == "NOPERM":
      StartupError(
        error.description, hint: "take the Redis user that deploy/redis makes for \(service)")
    default: nil
    }
  }

  /// What the first load brings is no change: it is told as it stands.
  private func change(_ change: ConfigChange) {
    let name = "org_id=\(change.key.orgID) \(service).\(change.key.key)"
    let new = change.new.map { "\($0.text ?? "(deleted)") version=\($0.version)" } ?? "(gone)"
    let isFirst = state.withLock { !$0.isReady }
    if isFirst {
      line("value    \(name) \(new)")
      return
    }
    var text = "changed  \(name) \(change.old?.text ?? "(none)") → \(new)"
    if let new = change.new { text += " after=\(ms(since: new.changedMicroseconds))" }
    line(text)
    let isLast = state.withLock { state in
      guard let rest = state.rest else { return false }
      state.rest = rest - 1
      return rest == 1
    }
    if isLast { end.raise() }
  }

  private func line(_ text: String, to stream: StandardStream = .output) {
    stream.writeLine("\(Timestamp.now()) \(text)")
  }

  private func ms(_ duration: Duration) -> String {
    let micros =
      duration.components.seconds * 1_000_000
      + duration.components.attoseconds / 1_000_000_000_000
    return "\(Double(micros) / 1000)ms"
  }

  private func ms(since microseconds: Int64) -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let now = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    return "\(Double(now - microseconds) / 1000)ms"
  }
}
