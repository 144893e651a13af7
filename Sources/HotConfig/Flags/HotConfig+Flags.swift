extension HotConfig {
  /// Evaluates a feature flag in memory (docs/flags.md), see `ServiceConfig.flag`. The configuration must
  /// name the service `features`.
  ///
  ///     if config.flag("new-checkout", orgID: 123, subject: "user-17",
  ///       attributes: ["plan": "pro", "age": 40], default: false) { … }
  public func flag<Value: FlagDecodable>(
    _ key: String, orgID: Int64, subject: String? = nil, attributes: FlagAttributes = [:],
    default fallback: Value
  ) -> Value {
    service(FlagBook.service).flag(
      key, orgID: orgID, subject: subject, attributes: attributes, default: fallback)
  }

  /// The same with the variant, and why it was that one.
  public func answer<Value: FlagDecodable>(
    flag key: String, orgID: Int64, subject: String? = nil, attributes: FlagAttributes = [:],
    default fallback: Value
  ) -> FlagAnswer<Value> {
    service(FlagBook.service).answer(
      flag: key, orgID: orgID, subject: subject, attributes: attributes, default: fallback)
  }

  /// The same, of a variant whose value is decoded from JSON.
  public func answer<Value: Decodable & Sendable>(
    flag key: String, orgID: Int64, subject: String? = nil, attributes: FlagAttributes = [:],
    json fallback: Value
  ) -> FlagAnswer<Value> {
    service(FlagBook.service).answer(
      flag: key, orgID: orgID, subject: subject, attributes: attributes, json: fallback)
  }

  /// What changes from now on in a flag, see `ServiceConfig.changes(flag:)`.
  public func changes(flag key: String) -> AsyncStream<ConfigChange> {
    service(FlagBook.service).changes(flag: key)
  }
}
