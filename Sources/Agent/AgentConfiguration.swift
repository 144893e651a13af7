/// What an agent serves, where, and to whom.
public struct AgentConfiguration: Sendable {
  /// The services, as in `service_configs.service`.
  public var services: [String]
  /// What the agent itself may see, whatever its login may.
  public var bound: AgentScope
  /// Where it listens.
  public var listeners: [AgentListener]
  /// Folder of the files `<service>.json`; `nil`: none are written.
  public var directory: String?
  /// How much is served at most.
  public var limits: AgentLimits

  public init(
    services: [String], bound: AgentScope, listeners: [AgentListener], directory: String?,
    limits: AgentLimits
  ) {
    self.services = services
    self.bound = bound
    self.listeners = listeners
    self.directory = directory
    self.limits = limits
  }
}
