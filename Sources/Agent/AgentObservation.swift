public import HotConfig

/// Every event of the agent that matters, for logs and metrics.
public enum AgentObservation: Sendable {
  /// A listener is open.
  case listens(address: String, access: AgentListener.Access)
  /// The tokens of a listener were read, for the first time or because they are other ones.
  case tokens(address: String, count: Int, passedOver: [String])
  /// They cannot be read; those that were read last hold.
  case tokensUnreadable(address: String, error: any Error)
  /// What `HotConfig` tells of a service.
  case config(service: String, HotConfigEvent)
  /// The first values of a service are there, and served.
  case serves(service: String, values: Int, state: ConfigState)
  /// Changes have been given to every reader that takes them.
  case sent(service: String, changes: [ConfigChange], took: Duration)
  /// The database has given values that the agent is not bound to; they are not served.
  case refused(service: String, values: Int)
  /// The file of a service is written.
  case wrote(service: String)
  /// It cannot be written; it is tried again.
  case unwritten(service: String, error: any Error)
  /// Nobody new is let in, streams are ended.
  case stops
}
