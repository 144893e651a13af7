internal import AsyncIO
internal import Redis
internal import Synchronization

/// Hears the bridge on Redis, and notes what has to be read.
struct Subscriber: Sendable {
  private let service: ServiceConfig
  private let redis: RedisConfiguration

  init(of service: ServiceConfig, redis: RedisConfiguration) {
    self.service = service
    var redis = redis
    redis.sentinels?.isUnheard = { sentinel, error in
      let trouble = RedisError(
        kind: .connection, message: "the Sentinel \(sentinel) tells of no failover: \(error)")
      service.observe(.interrupted(error: trouble, retryAfter: .seconds(1)))
    }
    self.redis = redis
  }

  /// Subscribes, again after every loss: at once, then after 1, 2, 4, 8 … 60 seconds.
  func run() async {
    var backoff = Backoff()
    while !Task.isCancelled {
      do {
        try await follow()
      } catch is CancellationError {
        break
      } catch {
        // A server that accepts subscribers and that no bridge publishes to is no success.
        if service.memory.withLock({ $0.lose() }) { backoff.reset() }
        // Without a bridge the database is asked.
        service.wake.raise()
        let pause = backoff.next()
        service.observe(.interrupted(error: error, retryAfter: pause))
        try? await Deadline.after(pause).sleep()
      }
    }
  }

  private func follow() async throws {
    let pattern = FeedMessage.pattern(service: service.name)
    let subscription = try await RedisSubscription.connect(redis)
    do {
      // Acknowledged before the load: what is committed after the load's snapshot is announced to us.
      try await subscription.psubscribe([pattern])
      service.observe(.subscribed(pattern: pattern))
      service.memory.withLock { $0.subscribed(at: .now) }
      service.wake.raise()
      try await withThrowingTaskGroup { group in
        group.addTask { try await listen(to: subscription) }
        group.addTask { try await watchForSilence() }
        try await group.next()
        group.cancelAll()
      }
    } catch {
      await subscription.close()
      throw error
    }
    await subscription.close()
  }

  private func listen(to subscription: RedisSubscription) async throws {
    for try await message in subscription.messages {
      guard let feed = FeedMessage(channel: message.channel, payload: message.payload) else {
        continue
      }
      if case .announcement = feed {
        service.observe(.announced(channel: message.channel, payload: message.payload))
      }
      let isAsked = service.memory.withLock { memory in
        memory.hear(feed, at: .now)
        return memory.need != .nothing
      }
      if isAsked { service.wake.raise() }
    }
    try Task.checkCancellation()
    throw HotConfigError.subscriptionEnded
  }

  /// A server that answers but that no bridge publishes to may be the wrong one.
  private func watchForSilence() async throws {
    let silence = service.configuration.silence
    while true {
      let quiet = service.memory.withLock { $0.heardAt }?.duration(to: .now) ?? .zero
      if quiet > silence { throw HotConfigError.bridgeIsSilent }
      try await Deadline.after(silence - quiet + .milliseconds(10)).sleep()
    }
  }
}
