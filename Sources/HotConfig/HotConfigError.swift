/// Why a subscription is given up and begun anew.
public enum HotConfigError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Redis ended the subscription.
  case subscriptionEnded
  /// Neither an announcement nor a heartbeat came for longer than `HotConfigConfiguration.silence`.
  case bridgeIsSilent
  /// The database's answer has no rows, which `api.pod_configs` never does.
  case emptyAnswer

  public var description: String {
    switch self {
    case .subscriptionEnded: "Redis ended the subscription"
    case .bridgeIsSilent: "the bridge is silent: no heartbeat on Redis; is a bridge running?"
    case .emptyAnswer: "api.pod_configs returned no row"
    }
  }
}
