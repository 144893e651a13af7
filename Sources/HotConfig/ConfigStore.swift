/// What a service knows of its configuration. Takes loads and messages, and says what is to be read.
///
/// Invariant: within an epoch no key's version ever falls.
struct ConfigStore: Sendable {
  private(set) var values: [ConfigValue.Key: ConfigValue] = [:]
  private(set) var epoch: Int64?
  private(set) var snapshot: String?
  /// The last announcement that is accounted for.
  private(set) var position: FeedMessage.Position?

  /// What a message asks for.
  enum Need: Sendable, Equatable {
    case nothing
    /// What is new since the last load.
    case delta
    /// Everything: another epoch.
    case complete
  }

  /// What to ask the database with: `nil` is a complete load.
  var since: (epoch: Int64, snapshot: String)? {
    guard let epoch, let snapshot else { return nil }
    return (epoch, snapshot)
  }

  /// The value that holds for an organisation: its own, else the platform's; `nil` if there is neither.
  func effective(orgID: Int64, _ key: String) -> ConfigValue? {
    if let own = values[ConfigValue.Key(orgID: orgID, key: key)], own.text != nil { return own }
    let platform = values[ConfigValue.Key(orgID: ConfigValue.Key.platform, key: key)]
    return platform?.text == nil ? nil : platform
  }

  /// Decides what a message of this service asks for. It is accounted for only by the load that
  /// follows: a load that fails leaves the gap open, and the next heartbeat shows it again.
  func need(for message: FeedMessage) -> Need {
    let new = message.position
    guard let epoch, let position else { return .complete }
    if new.epoch > epoch { return .complete }
    if isPast(new) { return .nothing }
    // A new leader numbers anew what the old one had published but not recorded: numbers of two
    // incarnations show no gap.
    if new.incarnation > position.incarnation { return .delta }
    switch message {
    case .announcement(_, let key, let version, let orgID, _):
      let held = values[ConfigValue.Key(orgID: orgID, key: key)]?.version
      // Compared so that no number that somebody may send overflows.
      if let held, held >= version, new.seq <= position.seq || new.seq - 1 == position.seq {
        return .nothing
      }
      return .delta
    case .heartbeat:
      return new.seq > position.seq ? .delta : .nothing
    }
  }

  /// Whether it is of an older epoch, or of a bridge that leads no longer.
  func isPast(_ other: FeedMessage.Position) -> Bool {
    guard let epoch, let position else { return false }
    return other.epoch < epoch || other.epoch == epoch && other.incarnation < position.incarnation
  }

  /// Accounts for a message that asked for nothing.
  mutating func pass(_ message: FeedMessage) {
    guard let position, message.position.epoch == epoch else { return }
    self.position = Self.later(position, message.position)
  }

  /// Swaps in a load, all its rows together.
  ///
  /// A complete load of the primary is right in everything, also where somebody has gone around the
  /// triggers: a value that differs under the same version is taken, a row that is gone is dropped.
  /// - Parameter heard: The last position heard before the load was asked for. Everything up to it is
  ///   in a load of the primary; a standby may be behind it.
  /// - Returns: What changed, sorted by organisation and key.
  mutating func apply(_ load: ConfigLoad, heard: FeedMessage.Position?) -> [ConfigChange] {
    var changes: [ConfigChange] = []
    let isNewEpoch = load.epoch != epoch
    // Unless it is a file's: the primary knows better than what was kept from another database.
    if let epoch, load.epoch < epoch, position != nil || !load.isOfPrimary { return [] }
    if isNewEpoch && !load.isComplete { return [] }
    let isRight = load.isComplete && load.isOfPrimary

    for (key, new) in load.rows {
      let old = values[key]
      // Across epochs versions do not compare: the database is right, whatever it says.
      if !isNewEpoch, let old {
        if new.version < old.version { continue }
        if new.version == old.version, !isRight || new == old { continue }
      }
      values[key] = new
      if old?.text != new.text || old?.version != new.version {
        changes.append(ConfigChange(service: load.service, key: key, old: old, new: new))
      }
    }
    if isNewEpoch || isRight {
      for (key, old) in values where load.rows[key] == nil {
        values[key] = nil
        changes.append(ConfigChange(service: load.service, key: key, old: old, new: nil))
      }
    }

    var position = FeedMessage.Position(
      epoch: load.epoch, incarnation: isNewEpoch ? 0 : self.position?.incarnation ?? 0,
      seq: load.seq)
    if let heard, heard.epoch == load.epoch {
      if load.isOfPrimary {
        position = Self.later(position, heard)
      } else if load.seq >= heard.seq {
        // Its cursor is past what was heard, so its rows are.
        position.incarnation = max(position.incarnation, heard.incarnation)
      }
    }
    if !isNewEpoch, let known = self.position { position = Self.later(known, position) }
    self.position = position
    epoch = load.epoch
    snapshot = load.snapshot
    return changes.sorted { ($0.key.orgID, $0.key.key) < ($1.key.orgID, $1.key.key) }
  }

  /// Takes what was known before the program was started, if nothing is known yet. Its epoch holds: a
  /// standby that is behind it does not take versions back.
  mutating func restore(_ known: LastKnownGood) {
    guard epoch == nil else { return }
    values = known.values
    epoch = known.epoch
  }

  private static func later(
    _ a: FeedMessage.Position, _ b: FeedMessage.Position
  ) -> FeedMessage.Position {
    FeedMessage.Position(
      epoch: a.epoch, incarnation: max(a.incarnation, b.incarnation),
      seq: a.incarnation == b.incarnation
        ? max(a.seq, b.seq) : (a.incarnation > b.incarnation ? a.seq : b.seq))
  }
}
