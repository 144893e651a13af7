/// All flags of the platform, and what organisations have chosen, kept as the feed tells them. Behind a lock
/// that is held for a look-up: what an evaluation needs is shared, not copied.
struct FlagBook: Sendable {
  /// The service whose values are flags.
  static let service = "features"

  /// A change of a value, parsed before the lock is taken.
  enum Change: Sendable {
    case flag(String, version: Int64, Result<FlagDefinition, FlagFault>)
    /// `wasDefined`: it had a definition, which was removed.
    case noFlag(String, wasDefined: Bool)
    /// `nil`: none any more.
    case choice(ConfigValue.Key, FlagChoice?)
  }

  private var flags: [String: FlagEntry] = [:]
  /// Flags whose definition was removed: what organisations have chosen of them is no switch of their own.
  private var removed: Set<String> = []
  private var choices: [Int64: [String: FlagChoice]] = [:]
  private var counters: [String: [String: FlagCounter]] = [:]
  /// What was told of a flag since it changed.
  private var told: [String: Set<String>] = [:]

  /// Flags of which something was told that are remembered: whoever makes keys up fills no memory.
  private static let toldLimit = 1000

  /// A plain switch that only an organisation has is evaluated as if the platform had it as `false`.
  private static let switchedOff = FlagDefinition(isOn: false)

  /// Reads what a load has changed.
  static func parse(_ changes: [ConfigChange]) -> [Change] {
    changes.map { change in
      let (key, text) = (change.key, change.new?.text)
      guard key.orgID == ConfigValue.Key.platform else {
        return .choice(key, text.map(FlagChoice.init))
      }
      guard let new = change.new, let text else {
        // A plain switch is of another type.
        return .noFlag(key.key, wasDefined: change.new?.type == "json")
      }
      return .flag(
        key.key, version: new.version,
        Result { () throws(FlagFault) in try FlagDefinition(parsing: text) })
    }
  }

  /// Takes changes, all of them together.
  /// - Returns: What is wrong with them.
  mutating func apply(_ changes: [Change]) -> [(key: String, trouble: FlagTrouble)] {
    var troubles: [(key: String, trouble: FlagTrouble)] = []
    for change in changes {
      switch change {
      case .flag(let key, _, .success(let definition)):
        flags[key] = .flag(Flag(key, definition) { counter(key, $0) })
        removed.remove(key)
        told[key] = nil
      case .flag(let key, let version, .failure(let fault)):
        flags[key] = .malformed
        removed.remove(key)
        told[key] = nil
        troubles.append((key, .malformed(version: version, why: fault.description)))
      case .noFlag(let key, let wasDefined):
        flags[key] = nil
        if wasDefined { removed.insert(key) } else { removed.remove(key) }
        told[key] = nil
      case .choice(let key, let choice):
        choices[key.orgID, default: [:]][key.key] = choice
        if choices[key.orgID]?.isEmpty == true { choices[key.orgID] = nil }
      }
    }
    return troubles
  }

  /// What an evaluation needs: the entry of the key, and the question.
  func look(
    _ key: String, orgID: Int64, subject: String?, attributes: FlagAttributes,
    now: FlagTime? = nil
  ) -> (entry: FlagEntry?, question: FlagQuestion) {
    let question = FlagQuestion(
      orgID: orgID, subject: subject, attributes: attributes, flags: flags,
      choices: choices[orgID] ?? [:], now: now)
    if let entry = flags[key] { return (entry, question) }
    guard question.choices[key] != nil, !removed.contains(key) else { return (nil, question) }
    return (.flag(Flag(key, Self.switchedOff) { _ in FlagCounter() }), question)
  }

  /// The key itself and every flag that it needs, however deep.
  func needed(by key: String) -> Set<String> {
    var known: Set<String> = []
    var rest = [key]
    while let next = rest.popLast() {
      guard known.insert(next).inserted, case .flag(let flag) = flags[next] else { continue }
      rest += flag.definition.prerequisites.map(\.flag)
    }
    return known
  }

  /// Whether this is to be told: the first time since the flag has changed.
  mutating func isNews(_ key: String, _ what: String) -> Bool {
    guard told[key] != nil || told.count < Self.toldLimit else { return false }
    return told[key, default: []].insert(what).inserted
  }

  /// How often flags have come to which variant since the last time.
  mutating func takeCounts() -> FlagCounts {
    let counts = counters.mapValues { variants in
      variants.mapValues { $0.take() }.filter { $0.value > 0 }
    }.filter { !$0.value.isEmpty }
    // Nobody counts what is no flag any more.
    counters = counters.filter { flags[$0.key] != nil }
    return counts
  }

  /// Takes counts back that nobody has taken.
  mutating func giveBack(_ counts: FlagCounts) {
    for (key, variants) in counts {
      for (variant, count) in variants { counter(key, variant).add(count) }
    }
  }

  /// One for each flag and variant, whatever its definition is by now.
  private mutating func counter(_ key: String, _ variant: String) -> FlagCounter {
    if let known = counters[key]?[variant] { return known }
    let new = FlagCounter()
    counters[key, default: [:]][variant] = new
    return new
  }
}

/// Evaluations by variant by flag.
typealias FlagCounts = [String: [String: Int]]
