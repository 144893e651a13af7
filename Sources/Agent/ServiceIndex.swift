internal import HotConfig

/// What is known of a service's configuration, by organisation, as far as this agent may know it.
struct ServiceIndex: Sendable {
  /// Entries by key.
  typealias Entries = [String: ConfigEntry]

  /// What the agent is bound to. Values of other organisations never enter.
  let bound: AgentScope
  private(set) var organizations: [Int64: Entries] = [:]
  /// How many values were refused because the agent is not bound to their organisation. The database
  /// should not have given them.
  private(set) var refused = 0

  init(bound: AgentScope) {
    self.bound = bound
  }

  /// Takes a value, or that there is none any more.
  mutating func set(_ key: ConfigValue.Key, _ value: ConfigValue?) {
    if case .organization(let own) = bound, key.orgID != own,
      key.orgID != ConfigValue.Key.platform
    {
      refused += 1
      return
    }
    organizations[key.orgID, default: [:]][key.key] = ConfigEntry(key, value)
  }

  /// The entry that holds for an organisation: its own, else the platform's.
  func effective(_ orgID: Int64, _ key: String) -> ConfigEntry? {
    organizations[orgID]?[key] ?? organizations[ConfigValue.Key.platform]?[key]
  }

  /// Everything that holds for an organisation.
  func effective(_ orgID: Int64) -> Entries {
    (organizations[ConfigValue.Key.platform] ?? [:])
      .merging(organizations[orgID] ?? [:]) { _, own in own }
  }
}
