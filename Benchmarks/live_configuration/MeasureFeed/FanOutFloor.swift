internal import Postgres
internal import Redis

/// What many subscribers cost bare: each hears one PUBLISH, and then reads one row by its key through the
/// pooler. No bridge, no function, no jitter; all connections stay open.
struct FanOutFloor: Sendable {
  private let publisher: RedisConnection
  private let countdown = Countdown()
  private let count: Int
  private let subscribers: Task<Void, Never>

  init(_ servers: Servers, subscribers count: Int) async throws {
    self.count = count
    let redis = try servers.redisConfiguration(as: "operator")
    publisher = try await RedisConnection.connect(redis)
    // One after the other: a socket's queue of those who knock at once is short.
    var readers: [PostgresConnection] = []
    var pod = PostgresConfiguration(conninfo: servers.pod)
    pod.preparesStatements = false
    for _ in 0..<count { readers.append(try await PostgresConnection.connect(pod)) }
    let (countdown, connected) = (countdown, readers)
    countdown.begin(count)
    subscribers = Task {
      await withTaskGroup { group in
        for reader in connected {
          group.addTask {
            do {
              try await Self.follow(redis, reader, countdown)
            } catch {
              // One less would never be counted down to nothing.
              if !Task.isCancelled { fatalError("\(error)") }
            }
          }
        }
      }
    }
    // They count once when they are connected.
    _ = await countdown.all()
  }

  /// From PUBLISH to the last one's answer.
  func last() async throws -> Duration {
    countdown.begin(count)
    let start = ContinuousClock.now
    _ = try await publisher.pipeline([["PUBLISH", "config:measured:x", "x"]])
    return start.duration(to: await countdown.all().max() ?? start)
  }

  func close() async {
    subscribers.cancel()
    await subscribers.value
    await publisher.close()
  }

  private static func follow(
    _ redis: RedisConfiguration, _ reader: PostgresConnection, _ countdown: Countdown
  ) async throws {
    let subscription = try await RedisSubscription.connect(redis)
    try await subscription.psubscribe(["config:measured:*"])
    countdown.count()
    for try await _ in subscription.messages {
      try await reader.query("SELECT value, version FROM plain.configs WHERE key = 'floor'")
      countdown.count()
    }
    await subscription.close()
    await reader.close()
  }
}
