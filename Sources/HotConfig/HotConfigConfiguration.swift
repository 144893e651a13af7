public import Postgres
public import Redis

/// Where a service finds its configuration.
public struct HotConfigConfiguration: Sendable {
  /// The service, as in `service_configs.service`.
  public var service: String
  /// The database, as a login that is bound to the service (`admin.bind_pod`).
  public var postgres: PostgresConfiguration
  /// Redis, as the service's pod user.
  public var redis: RedisConfiguration
  /// How long the bridge may be silent, heartbeats included, before the connection counts as lost.
  public var silence: Duration = .seconds(5)
  /// How long an idle database connection is kept after a read, so that a burst of changes does not
  /// connect each time. A thousand pods are not a thousand backends.
  public var linger: Duration = .seconds(10)

  /// The configuration of `service`.
  public init(service: String, postgres: PostgresConfiguration, redis: RedisConfiguration) {
    self.service = service
    self.postgres = postgres
    self.redis = redis
  }
}
