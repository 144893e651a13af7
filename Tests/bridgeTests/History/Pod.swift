internal import HotConfig
internal import Synchronization

/// A running `HotConfig` of one service, and what it has applied.
final class Pod: Sendable {
  /// Where and as whom it runs.
  struct Options: Sendable {
    var service = "ai"
    /// PostgreSQL's login; the service's own unless told otherwise.
    var login: String?
    /// What the login is bound to; `nil`: every organisation.
    var orgs: Set<Int64>?
    /// How it reaches the database, if not directly; `user` is appended.
    var database: String?
    /// Port of the Redis that it reaches, if not the scene's.
    var redisPort: Int?
    /// Anything else.
    var tune: @Sendable (inout HotConfigConfiguration) -> Void = { _ in }
  }

  private struct State {
    var pending: [ConfigChange] = []
    var applications: [History.Application] = []
    var loads = 0
    var epoch: Int64?
    var interruptions: [String] = []
  }

  let name: String
  let options: Options
  private let all: HotConfig
  private let told: Told

  private final class Told: Sendable {
    let state = Mutex(State())

    func take(_ event: HotConfigEvent) {
      state.withLock { state in
        switch event {
        case .changed(let change):
          state.pending.append(change)
        case .loaded(_, _, let epoch, _):
          // All changes of a load come before it.
          state.applications += state.pending.map { change in
            History.Application(
              epoch: epoch,
              key: History.Key(
                orgID: change.key.orgID, service: change.service, key: change.key.key),
              version: change.new?.version, value: change.new?.text)
          }
          state.pending = []
          state.loads += 1
          state.epoch = epoch
        case .interrupted(let error, _):
          state.interruptions.append("\(error)")
        case .subscribed, .announced, .drifted, .state, .flag:
          break
        }
      }
    }
  }

  init(_ name: String, _ options: Options, _ configuration: HotConfigConfiguration) {
    let told = Told()
    self.told = told
    self.name = name
    self.options = options
    all = HotConfig(configuration) { told.take($0) }
  }

  /// Returns when it holds the configuration.
  func ready() async { await all.ready() }

  /// Ends it, and waits for the end.
  func stop() async { await all.close() }

  var state: ConfigState { all.state }

  /// The epoch of its last load.
  var epoch: Int64? { told.state.withLock { $0.epoch } }

  /// How often it has read the database.
  var loads: Int { told.state.withLock { $0.loads } }

  /// What it was interrupted by.
  var interruptions: [String] { told.state.withLock { $0.interruptions } }

  /// What it serves for a key.
  func value(_ orgID: Int64, _ key: String) -> String? {
    all.service(options.service).value(orgID: orgID, key)?.text
  }

  /// Of what it has applied, only the last of each key is kept.
  func condense() {
    told.state.withLock { state in
      var seen: Set<History.Key> = []
      state.applications = state.applications.reversed()
        .filter { seen.insert($0.key).inserted }.reversed()
    }
  }

  /// What it holds, as the judge wants it.
  var record: Judge.Pod {
    let held = all.service(options.service).values
    return Judge.Pod(
      name: name, service: options.service, orgs: options.orgs,
      applications: told.state.withLock { $0.applications },
      held: Dictionary(
        uniqueKeysWithValues: held.map { key, value in
          (
            History.Key(orgID: key.orgID, service: options.service, key: key.key),
            Judge.Value(version: value.version, value: value.text)
          )
        }))
  }
}
