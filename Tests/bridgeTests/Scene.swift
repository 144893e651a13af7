internal import Foundation
internal import HotConfig
internal import Postgres
internal import Redis
internal import Synchronization
internal import TestSupport

/// A database, a Redis of its own, bridges and subscribers. Redis is not shared: another test's bridge
/// would publish on the same channels.
final class Scene: Sendable {
  let database: TestDatabase
  let redis: Stack

  private init(database: TestDatabase, redis: Stack) {
    self.database = database
    self.redis = redis
  }

  /// Sets the scene, plays, and clears it away, whatever happens.
  /// - Parameters:
  ///   - ownPostgres: Whether PostgreSQL is one of the scene's own, too, to be crashed.
  ///   - pooled: Whether PgBouncer stands before that one.
  static func play(
    ownPostgres: Bool = false, pooled: Bool = false, _ body: (Scene) async throws -> Void
  ) async throws {
    let services = ["redis"] + (ownPostgres ? ["postgres"] : []) + (pooled ? ["pgbouncer"] : [])
    let stack = try await Stack.start(only: services.joined(separator: ","))
    do {
      let database = try await TestDatabase.create(.migrated, on: ownPostgres ? stack : .current)
      do {
        if ownPostgres {
          // A sequence of a copied database that has not been through a checkpoint falls back in a
          // crash: its page was copied with values that it takes for logged.
          let owner = try await database.connect()
          try await owner.query("CHECKPOINT")
          await owner.close()
        }
        try await body(Scene(database: database, redis: stack))
      } catch {
        try? await database.drop()
        throw error
      }
      try? await database.drop()
    } catch {
      try? await stack.destroy()
      throw error
    }
    try await stack.destroy()
  }

  /// Starts a bridge, as a user of Redis.
  /// - Parameter database: How it reaches the scene's database, if not directly.
  func bridge(
    _ name: String = "one", as user: String = "bridge", database: String? = nil,
    url: String? = nil, _ more: [String] = []
  ) throws -> DaemonProcess {
    try DaemonProcess(
      Tool.product("bridge"),
      ["run", "--instance", name] + connections("bridge", user, url: url, database: database)
        + more)
  }

  /// Runs the command `bridge` to its end, as a login of PostgreSQL and a user of Redis; for what is
  /// refused, so not for long.
  func tool(
    _ login: String, _ user: String, _ arguments: [String], url: String? = nil,
    database: String? = nil
  ) async throws -> Tool.Result {
    try await Tool.run(
      "/usr/bin/timeout",
      ["20", Tool.product("bridge")] + arguments
        + connections(login, user, url: url, database: database))
  }

  private func connections(
    _ login: String, _ user: String, url: String?, database: String? = nil
  ) -> [String] {
    [
      "--database", database ?? self.database.conninfo(user: login), "--redis",
      url ?? redis.redisURL(user),
      "--redis-ca-file", redis.redisCAFile, "--redis-password-file", redis.redisPasswordFile(user),
    ]
  }

  /// Starts a subscriber of a service, and returns when it holds the configuration.
  func subscriber(_ service: String) async throws -> Subscriber {
    let subscriber = Subscriber(
      HotConfigConfiguration(
        services: [service],
        postgres: PostgresConfiguration(conninfo: database.conninfo(user: "pod_\(service)")),
        redis: try RedisConfiguration(
          url: redis.redisURL("pod-\(service)"), caFile: redis.redisCAFile,
          passwordFile: redis.redisPasswordFile("pod-\(service)"))))
    await subscriber.all.ready()
    return subscriber
  }

  /// Redis, as an operator.
  func `operator`() async throws -> RedisConnection {
    try await RedisConnection.connect(
      RedisConfiguration(
        url: redis.redisURL("operator"), caFile: redis.redisCAFile,
        passwordFile: redis.redisPasswordFile("operator")))
  }

  /// Everything that is published, as an operator sees it.
  func listener() async throws -> RedisSubscription {
    let subscription = try await RedisSubscription.connect(
      RedisConfiguration(
        url: redis.redisURL("operator"), caFile: redis.redisCAFile,
        passwordFile: redis.redisPasswordFile("operator")))
    try await subscription.psubscribe(["config:*"])
    return subscription
  }

  /// An organisation, and a connection of an application that has chosen it.
  func tenant() async throws -> (orgID: Int64, app: PostgresConnection) {
    let app = try await database.connect(as: "app")
    let orgID = try await app.createOrganization("acme")
    try await app.execute("SET app.current_org = \(orgID)")
    return (orgID, app)
  }

  /// A connection of an application that has chosen an organisation.
  func app(_ orgID: Int64) async throws -> PostgresConnection {
    let app = try await database.connect(as: "app")
    try await app.execute("SET app.current_org = \(orgID)")
    return app
  }

  /// The values of a service in the database, by `org/key`.
  func stored(_ service: String) async throws -> [String: String] {
    let owner = try await database.connect()
    let rows = try await owner.query(
      "SELECT org_id, key, value, version FROM config.service_configs WHERE service = $1",
      [.text(service)])
    await owner.close()
    return Dictionary(
      uniqueKeysWithValues: rows.map {
        ("\($0["org_id"]!)/\($0["key"]!)", "\($0["value"] ?? "-")@\($0["version"]!)")
      })
  }
}

/// A running `HotConfig` of one service, and what it has told.
final class Subscriber: Sendable {
  let all: HotConfig
  let config: ServiceConfig
  private let events: Events

  final class Events: Sendable {
    let all = Mutex<[HotConfigEvent]>([])
    let onChange = Mutex<(@Sendable (ConfigChange) -> Void)?>(nil)
  }

  init(_ configuration: HotConfigConfiguration) {
    let events = Events()
    self.events = events
    all = HotConfig(configuration) { event in
      events.all.withLock { $0.append(event) }
      if case .changed(let change) = event { events.onChange.withLock { $0 }?(change) }
    }
    config = all.service(configuration.services[0])
  }

  /// From now on tells every change, as it is told.
  func onChange(_ tell: @escaping @Sendable (ConfigChange) -> Void) {
    events.onChange.withLock { $0 = tell }
  }

  /// Ends it, and waits for the end.
  func stop() async { await all.close() }

  /// What it holds, by `org/key`.
  var held: [String: String] {
    Dictionary(
      uniqueKeysWithValues: config.values.map {
        ("\($0.key.orgID)/\($0.key.key)", "\($0.value.text ?? "-")@\($0.value.version)")
      })
  }

  /// How often it has read the database.
  var loads: Int {
    events.all.withLock { events in
      events.count { if case .loaded = $0 { true } else { false } }
    }
  }

  /// Whether a key's version has ever fallen within an epoch.
  var hasGoneBack: Bool {
    events.all.withLock { events in
      var epoch: Int64?
      var versions: [ConfigValue.Key: Int64] = [:]
      for event in events {
        switch event {
        case .loaded(_, _, let new, _):
          if new != epoch { versions = [:] }
          epoch = new
        case .changed(let change):
          guard let version = change.new?.version else { continue }
          if let known = versions[change.key], version < known { return true }
          versions[change.key] = version
        case .subscribed, .announced, .interrupted, .state, .drifted, .flag:
          continue
        }
      }
      return false
    }
  }
}
