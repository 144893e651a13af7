/// How far the values in memory can be relied on.
public enum ConfigState: Sendable, Equatable {
  /// The database's, as of `HotConfigConfiguration.grace` ago or less.
  case ready
  /// The last known good ones: cut off for longer than that, or read from the file at the start.
  case stale
  /// None: nothing was ever loaded.
  case error

  /// READY, STALE or ERROR, as in reports and logs.
  public var name: String {
    switch self {
    case .ready: "READY"
    case .stale: "STALE"
    case .error: "ERROR"
    }
  }
}
