public import Postgres
public import Redis

/// Where services find their configuration, and how patient they are.
public struct HotConfigConfiguration: Sendable {
  /// The services, as in `service_configs.service`.
  public var services: [String]
  /// The database, as a login that is bound to the services (`admin.bind_pod`); through PgBouncer where
  /// there are many pods.
  public var postgres: PostgresConfiguration
  /// Redis, as a user that may subscribe to the services. `nil`: the database is asked every `poll`.
  public var redis: RedisConfiguration?
  /// The pod's name in `admin.pods`; `nil`: it does not report.
  public var pod: String?
  /// Folder of the files `<service>.json` that keep the last known good values over a restart; `nil`:
  /// none are kept.
  public var lastKnownGood: String?
  /// How long the bridge may be silent, heartbeats included, before it counts as lost.
  public var silence: Duration = .seconds(5)
  /// How often the database is asked where no bridge is heard.
  public var poll: Duration = .seconds(5)
  /// How long the values count as current after the last time that they were known to be. Longer than
  /// the longest pause between two attempts (60 s), so that a short outage disturbs nobody.
  public var grace: Duration = .seconds(90)
  /// After how long everything is compared with the database, by chance within these bounds.
  public var reconcile: ClosedRange<Duration> = .seconds(300) ... .seconds(600)
  /// Over how long a thousand subscribers or more spread their reads of one announcement; fewer spread
  /// them over less.
  public var jitter: Duration = .milliseconds(10)
  /// How long a connection is kept after a read, for the next one. `nil`: ten minutes if a pooler is on the
  /// way, as its transaction mode holds no server's connection meanwhile, and the handshake costs more than
  /// the read; else not at all: of PostgreSQL itself a thousand pods would take a thousand connections.
  public var linger: Duration?
  /// How often the pod reports at most: all reloads since the last report in one call, for each service.
  public var report: Duration = .seconds(5)
  /// How often a pod of service `features` tells at most how often it has evaluated flags, whatever `pod` is;
  /// the first time, and the last time when it ends, sooner. A thousand pods write the same rows; who asks for
  /// flags that nobody evaluates counts in days.
  public var evaluations: Duration = .seconds(60)
  /// How long `HotConfig.connect` waits for the first load.
  public var patience: Duration = .seconds(10)

  /// The configuration of some services.
  public init(services: [String], postgres: PostgresConfiguration, redis: RedisConfiguration?) {
    self.services = services
    self.postgres = postgres
    // A pooler may hand prepared statements on to another client.
    self.postgres.preparesStatements = false
    self.redis = redis
  }
}
