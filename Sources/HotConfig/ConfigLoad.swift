/// One answer of `api.pod_configs`.
struct ConfigLoad: Sendable, Equatable {
  /// Whose configuration.
  var service: String
  /// The epoch of the database that answered.
  var epoch: Int64
  /// Number of the service's last announcement when it answered.
  var seq: Int64
  /// What to ask for the next delta with; `nil`: the next load must be complete.
  var snapshot: String?
  /// Whether it is everything, rather than what is new.
  var isComplete: Bool
  /// The rows.
  var rows: [ConfigValue.Key: ConfigValue]

  /// Whether the server that answered was the primary, in the history that the feed knows.
  var isOfPrimary: Bool { snapshot != nil }
}
