internal import Postgres
internal import Redis

/// The three legs, each bare, over connections that stay open: COMMIT of a NOTIFY to its arrival, PUBLISH to
/// its arrival, one indexed read.
struct Floor: Sendable {
  private let notifier: PostgresConnection
  private let listener: PostgresConnection
  private let reader: PostgresConnection
  private let publisher: RedisConnection
  private let subscription: RedisSubscription
  private let channel: String

  init(_ servers: Servers) async throws {
    let writer = PostgresConfiguration(conninfo: servers.writer)
    notifier = try await PostgresConnection.connect(writer)
    listener = try await PostgresConnection.connect(writer)
    reader = try await PostgresConnection.connect(writer)
    try await listener.query("LISTEN measured")
    // The operator may publish as well as subscribe.
    let redis = try servers.redisConfiguration(as: "operator")
    publisher = try await RedisConnection.connect(redis)
    subscription = try await RedisSubscription.connect(redis)
    channel = "config:measured:x"
    try await subscription.psubscribe(["config:measured:*"])
  }

  /// - Parameter isDurable: With a row that is changed, whose COMMIT has to reach the disk, as that of every
  ///   change of configuration has. A NOTIFY alone does not wait for it.
  func notify(isDurable: Bool) async throws -> Duration {
    let change = isDurable ? "UPDATE plain.configs SET value = 'x' WHERE key = 'floor';" : ""
    try await notifier.execute("BEGIN; \(change) NOTIFY measured")
    async let heard = listener.nextNotification(timeout: .seconds(5))
    let start = ContinuousClock.now
    try await notifier.execute("COMMIT")
    guard try await heard != nil else { throw MeasureError.noRow }
    return start.duration(to: .now)
  }

  func publish() async throws -> Duration {
    let start = ContinuousClock.now
    async let sent = publisher.pipeline([["PUBLISH", channel, "x"]])
    for try await _ in subscription.messages { break }
    let duration = start.duration(to: .now)
    _ = try await sent
    return duration
  }

  func read(org: Int64) async throws -> Duration {
    let start = ContinuousClock.now
    try await reader.query(
      "SELECT value, version FROM service_configs WHERE org_id = $1 AND service = 'ai' AND key = 'timeout_ms'",
      [.int(org)])
    return start.duration(to: .now)
  }

  func close() async {
    for connection in [notifier, listener, reader] { await connection.close() }
    await publisher.close()
    await subscription.close()
  }
}
