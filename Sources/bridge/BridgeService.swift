internal import AsyncIO
internal import HotConfig
internal import Postgres
internal import Redis
internal import ServiceLifecycle

/// Does what `BridgeLoop` says, over one connection to PostgreSQL and one to Redis.
struct BridgeService: Service {
  let instance: String
  let postgres: PostgresConfiguration
  let redis: RedisConfiguration
  let observe: @Sendable (BridgeObservation) -> Void

  func run() async throws { await IOThread.run { await lead() } }

  private func lead() async {
    var backoff = Backoff()
    var patience = Feed.patience
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      do {
        try await follow(patience: patience) {
          backoff.reset()
          patience = Feed.patience
        }
      } catch is CancellationError {
        break
      } catch {
        if case BridgeError.leadTakesLong = error {
          patience = min(patience * 2, Feed.greatestPatience)
        }
        let pause = backoff.next()
        observe(.interrupted(error: error, retryAfter: pause))
        try? await cancelWhenGracefulShutdown { try await Deadline.after(pause).sleep() }
      }
    }
  }

  /// Works until a connection is lost or the daemon is told to stop.
  /// - Parameter worked: Called whenever a round of work is done. To have connected is not enough: who
  ///   is refused afterwards, every time, must not come back at once.
  private func follow(patience: Duration, worked: () -> Void) async throws {
    let database = try await PostgresConnection.connect(postgres)
    do {
      let listener = try await Listener.connect(postgres, instance: instance)
      do {
        let redis = try await RedisConnection.connect(redis)
        do {
          observe(.connected)
          try await database.prepareUnlessPooled(timeout: .seconds(5))
          try await withGracefulShutdownHandler {
            try await work(
              feed: Feed(connection: database), listener: listener, redis: redis,
              patience: patience,
              worked: worked)
          } onGracefulShutdown: {
            listener.interrupt()
          }
        } catch {
          await redis.close()
          throw error
        }
        await redis.close()
      } catch {
        await listener.close()
        throw error
      }
      await listener.close()
    } catch {
      await database.close()
      throw error
    }
    await database.close()
  }

  private func work(
    feed: Feed, listener: Listener, redis: RedisConnection, patience: Duration,
    worked: () -> Void
  ) async throws {
    var loop = BridgeLoop()
    var patience = patience
    var wasDeaf = false
    do {
      while !Task.isShuttingDownGracefully {
        try Task.checkCancellation()
        for sound in try listener.takeSounds() { loop.handle(.heard(sound), at: .now) }
        let event = try await perform(
          loop.next(at: .now), feed: feed, listener: listener, redis: redis, patience: patience)
        let led = loop.leads
        loop.handle(event, at: .now)
        tell(event, loop: loop, led: led)
        if loop.isDeaf(at: .now) != wasDeaf {
          wasDeaf.toggle()
          observe(wasDeaf ? .deaf : .hears)
        }
        switch event {
        case .wasRead, .answered(.theirs, _): worked()
        default: break
        }
        // What is renewed takes no time.
        if case .answered = event { patience = Feed.patience }
      }
    } catch {
      // Redis failed it, or refused: another bridge may fare better.
      if loop.leads, !Self.isPostgreSQLs(error) { try? await resign(feed) }
      throw error
    }
    if loop.leads { try await resign(feed) }
  }

  private static func isPostgreSQLs(_ error: any Error) -> Bool {
    if case BridgeError.leadTakesLong = error { return true }
    return error is PostgresError
  }

  private func resign(_ feed: Feed) async throws {
    try await feed.resign(instance: instance)
    observe(.resigned)
  }

  private func perform(
    _ action: BridgeLoop.Action, feed: Feed, listener: Listener, redis: RedisConnection,
    patience: Duration
  ) async throws -> BridgeLoop.Event {
    do {
      switch action {
      case .lead:
        do {
          let (lead, seqs) = try await feed.lead(
            instance: instance, lease: BridgeLoop.lease, patience: patience)
          return .answered(lead, seqs: seqs)
        } catch let error as PostgresError where error.kind == .timeout {
          throw BridgeError.leadTakesLong(patience)
        }
      case .call(let number):
        try await feed.call(Listener.Call(instance: instance, number: number))
        return .called
      case .reconnect:
        throw BridgeError.listenerIsLost
      case .replay(let incarnation):
        return .wasReplayed(try await feed.replay(incarnation: incarnation))
      case .publish(let messages):
        return .published(reached: try await publish(messages, redis: redis))
      case .read(let incarnation):
        return .wasRead(try await feed.read(incarnation: incarnation))
      case .advance(let incarnation, let batch, let seqs):
        try await feed.advance(incarnation: incarnation, past: batch, seqs: seqs)
        return .advanced
      case .wake(let incarnation):
        try await feed.wake(incarnation: incarnation)
        return .awake
      case .sleep(let incarnation):
        return .slept(try await feed.sleep(incarnation: incarnation))
      case .wait(let instant):
        await listener.wait(until: instant)
        return .waited
      }
    } catch let error as PostgresError where error.sqlState == "AR410" {
      return .leadLost
    }
  }

  /// - Returns: How many subscribers each has reached.
  private func publish(
    _ messages: [FeedMessage], redis: RedisConnection
  ) async throws -> [Int64] {
    let start = ContinuousClock.now
    let reached = try await Publisher.publish(messages, redis: redis)
    for message in messages { observe(.published(message, took: start.duration(to: .now))) }
    return reached
  }

  private func tell(_ event: BridgeLoop.Event, loop: BridgeLoop, led: Bool) {
    switch event {
    case .answered(.ours(let incarnation, let epoch), _):
      if !led { observe(.leads(incarnation: incarnation, epoch: epoch)) }
    case .answered(.theirs(let leader), _):
      observe(.standsBy(leader: leader))
    case .leadLost:
      observe(.lostLead)
    default:
      break
    }
  }
}
