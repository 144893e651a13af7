/// Why configuration cannot be had, or is asked for again.
public enum HotConfigError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Redis ended the subscription.
  case subscriptionEnded
  /// Neither an announcement nor a heartbeat came for longer than `HotConfigConfiguration.silence`.
  case bridgeIsSilent
  /// The database's answer has no rows, which `api.pod_configs` never does.
  case emptyAnswer
  /// Nothing was loaded within `HotConfigConfiguration.patience`, and no last known good file is there.
  case notLoaded(service: String, why: String)
  /// The last known good file cannot be read or written.
  case lastKnownGood(path: String, why: String)
  /// Neither the organisation nor the platform has a value.
  case noValue(service: String, key: String, orgID: Int64)
  /// The value is not of the type asked for.
  case wrongType(service: String, key: String, orgID: Int64, type: String)

  public var description: String {
    switch self {
    case .subscriptionEnded: "Redis ended the subscription"
    case .bridgeIsSilent: "the bridge is silent: no heartbeat on Redis; is a bridge running?"
    case .emptyAnswer: "api.pod_configs returned no row"
    case .notLoaded(let service, let why):
      "the configuration of \(service) could not be loaded: \(why)"
    case .lastKnownGood(let path, let why): "the last known good file \(path): \(why)"
    case .noValue(let service, let key, let orgID):
      "\(service).\(key) has no value for organisation \(orgID), and no default"
    case .wrongType(let service, let key, let orgID, let type):
      "\(service).\(key) of organisation \(orgID) is no \(type)"
    }
  }
}
