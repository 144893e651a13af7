internal import Synchronization

extension ServiceConfig {
  /// Evaluates a feature flag in memory, as `api.flag` does in PostgreSQL (docs/flags.md). Only service
  /// `features` has flags.
  ///
  /// Never fails: the default is served where the flag is unknown or malformed, or its value is of another
  /// type, and each of them is told once (`HotConfigEvent.flag`).
  /// - Parameters:
  ///   - orgID: For which organisation; its own choice counts, and `org_id` is an attribute.
  ///   - subject: Who is to stay in his share: a user, a device.
  ///   - attributes: What the rules look at.
  public func flag<Value: FlagDecodable>(
    _ key: String, orgID: Int64, subject: String? = nil, attributes: FlagAttributes = [:],
    default fallback: Value
  ) -> Value {
    answer(flag: key, orgID: orgID, subject: subject, attributes: attributes, default: fallback)
      .value
  }

  /// The same with the variant, and why it was that one.
  public func answer<Value: FlagDecodable>(
    flag key: String, orgID: Int64, subject: String? = nil, attributes: FlagAttributes = [:],
    default fallback: Value
  ) -> FlagAnswer<Value> {
    answer(key, orgID, subject, attributes, fallback) { Value(flagValue: $0.value) }
  }

  /// The same, of a variant whose value is decoded from JSON; once for each definition and type.
  public func answer<Value: Decodable & Sendable>(
    flag key: String, orgID: Int64, subject: String? = nil, attributes: FlagAttributes = [:],
    json fallback: Value
  ) -> FlagAnswer<Value> {
    answer(key, orgID, subject, attributes, fallback) { $0.decode(Value.self) }
  }

  /// What changes from now on in a flag, in the flags that it needs, or in what organisations choose of them;
  /// otherwise as `changes(key:)`. That a schedule begins or ends is no change.
  public func changes(flag key: String) -> AsyncStream<ConfigChange> {
    changes { [weak self] change in
      self?.flags.withLock { $0.needed(by: key).contains(change.key.key) } ?? false
    }
  }

  private func answer<Value: Sendable>(
    _ key: String, _ orgID: Int64, _ subject: String?, _ attributes: FlagAttributes,
    _ fallback: Value, _ read: (FlagVariant) -> Value?
  ) -> FlagAnswer<Value> {
    var (entry, question) = flags.withLock {
      $0.look(key, orgID: orgID, subject: subject, attributes: attributes)
    }
    let flag: Flag
    switch entry {
    case nil:
      // Before the first load nothing is known, and nothing wrong.
      if epoch != nil { tell(key, .unknown) }
      return FlagAnswer(value: fallback, reason: .unknown)
    case .malformed:
      return FlagAnswer(value: fallback, reason: .malformed)
    case .flag(let known):
      flag = known
    }
    let outcome = flag.evaluate(&question)
    let variant = flag.variants[outcome.variant]
    guard let value = read(variant) else {
      tell(key, .wrongType(variant: variant.name, wanted: "\(Value.self)"))
      return FlagAnswer(value: fallback, variant: variant.name, reason: .wrongType)
    }
    return FlagAnswer(
      value: value, variant: variant.name, reason: outcome.reason, rule: outcome.rule)
  }

  /// Keeps the flags as the values in memory are.
  func keepFlags(_ changes: [ConfigChange]) {
    guard name == FlagBook.service, !changes.isEmpty else { return }
    // Parsed before the lock is taken: evaluations do not wait for that.
    let parsed = FlagBook.parse(changes)
    let troubles = flags.withLock { $0.apply(parsed) }
    for (key, trouble) in troubles { observe(.flag(key: key, trouble)) }
  }

  private func tell(_ key: String, _ trouble: FlagTrouble) {
    let isNews = flags.withLock { $0.isNews(key, trouble.description) }
    if isNews { observe(.flag(key: key, trouble)) }
  }
}
