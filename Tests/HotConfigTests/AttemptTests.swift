internal import Postgres
internal import Redis
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import HotConfig

/// Servers that are not there: how often they are tried.
@Suite(.timeLimit(.minutes(2))) struct AttemptTests {
  private struct Attempt: Sendable {
    var failedAt: ContinuousClock.Instant
    var pause: Duration
  }

  @Test func eachServerIsTriedAgainAtOnceAndThenLessAndLessOften() async throws {
    let attempts = Mutex<(database: [Attempt], redis: [Attempt])>(([], []))
    let config = HotConfig(
      HotConfigConfiguration(
        services: ["ai"],
        postgres: PostgresConfiguration(conninfo: "host=127.0.0.1 port=1 user=nobody dbname=none"),
        redis: try RedisConfiguration(url: "redis://127.0.0.1:1"))
    ) { event in
      guard case .interrupted(let error, let pause) = event else { return }
      let attempt = Attempt(failedAt: .now, pause: pause)
      attempts.withLock {
        if error is RedisError { $0.redis.append(attempt) } else { $0.database.append(attempt) }
      }
    }
    try await eventually {
      attempts.withLock { min($0.database.count, $0.redis.count) > 4 }
    }
    #expect(config.state == .error)
    await config.close()
    for tried in attempts.withLock({ [$0.database, $0.redis] }) {
      // None, then 1, 2, 4, 8 … seconds, less up to a fifth by chance.
      for (attempt, seconds) in zip(tried, [0.0, 1, 2, 4, 8]) {
        let pause = attempt.pause / .seconds(1)
        #expect((seconds * 0.79...seconds).contains(pause), "\(tried)")
      }
      // They are waited for. (Timers know milliseconds.)
      for (attempt, next) in zip(tried, tried.dropFirst()) {
        let gap = attempt.failedAt.duration(to: next.failedAt)
        #expect(gap > attempt.pause - .milliseconds(20), "\(tried)")
      }
    }
  }
}
