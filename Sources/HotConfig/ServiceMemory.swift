/// What a `ServiceConfig` holds, behind its lock: the values, and what is known of how current they are.
struct ServiceMemory: Sendable {
  typealias Instant = ContinuousClock.Instant

  var store = ConfigStore()
  /// What is to be read.
  var need = ConfigStore.Need.nothing
  /// The last position heard.
  var heard: FeedMessage.Position?
  /// When the bridge was heard last on the subscription that there is; `nil`: there is none.
  private(set) var heardAt: Instant?
  private var hasHeard = false
  /// How many subscribers the bridge's heartbeat reaches.
  var subscribers: Int64 = 0
  /// When the values were last known to be the database's.
  private(set) var currentAt: Instant?
  private(set) var report = ReloadReport()
  /// Why the last read failed.
  var failure: (any Error)?

  /// How far the values can be relied on.
  func state(at now: Instant, grace: Duration) -> ConfigState {
    if let currentAt, currentAt.duration(to: now) <= grace { return .ready }
    return store.epoch == nil ? .error : .stale
  }

  /// Whether the bridge is heard.
  func isHeard(at now: Instant, silence: Duration) -> Bool {
    guard let heardAt else { return false }
    return heardAt.duration(to: now) <= silence
  }

  /// A subscription was acknowledged: what was announced before it has to be read.
  mutating func subscribed(at now: Instant) {
    heardAt = now
    hasHeard = false
    ask(store.since == nil ? .complete : .delta)
  }

  /// The subscription is lost, or was never there.
  /// - Returns: Whether the bridge was heard on it.
  mutating func lose() -> Bool {
    heardAt = nil
    defer { hasHeard = false }
    return hasHeard
  }

  /// Takes a message of the bridge.
  mutating func hear(_ message: FeedMessage, at now: Instant) {
    // Nothing that it says is heeded, so its being there is no comfort: if that is all there is, the database
    // is asked. A number that nobody will reach, from a bridge of another platform, say, costs seconds then,
    // and not every announcement.
    if store.isPast(message.position) { return }
    heard = message.position
    heardAt = now
    hasHeard = true
    if case .heartbeat(_, _, let count?) = message { subscribers = count }
    let need = store.need(for: message)
    guard need == .nothing else { return ask(need) }
    store.pass(message)
    // Nothing is missing up to here.
    if self.need == .nothing, store.position?.seq == message.position.seq { currentAt = now }
  }

  /// Asks for a read, besides what is asked for already.
  mutating func ask(_ need: ConfigStore.Need) {
    if need == .complete || self.need == .nothing { self.need = need }
  }

  /// Swaps in a load that was asked for at `askedAt`.
  /// - Parameter clock: Microseconds since 1970, now.
  /// - Returns: What changed.
  mutating func apply(
    _ load: ConfigLoad, heard: FeedMessage.Position?, askedAt: Instant, clock: Int64
  ) -> [ConfigChange] {
    let isFirst = currentAt == nil
    // What another epoch brings was changed in another history, maybe years ago: no reload took that long.
    let isOfThisHistory = load.epoch == store.epoch
    let changes = store.apply(load, heard: heard)
    // A standby may be behind; what it has is no proof. Nor is what was not taken, being of an older epoch:
    // the primary that was, which nobody has stopped yet, answers, too.
    if store.epoch == load.epoch, load.isOfPrimary || isFirst { currentAt = askedAt }
    failure = nil
    if !isFirst, isOfThisHistory {
      for change in changes {
        guard let new = change.new else { continue }
        report.count(milliseconds: Double(clock - new.changedMicroseconds) / 1000)
      }
    }
    report.epoch = store.epoch ?? 0
    report.seq = store.position?.seq ?? 0
    return changes
  }

  /// The report of now.
  mutating func report(at now: Instant, grace: Duration) -> ReloadReport {
    report.state = state(at: now, grace: grace)
    report.seq = store.position?.seq ?? 0
    return report
  }
}
