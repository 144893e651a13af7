internal import AsyncIO
internal import Postgres
internal import Redis
internal import Synchronization

/// The live configuration of one platform service: loaded from PostgreSQL, kept current by what the
/// bridge announces on Redis.
///
/// `run()` does the work until it is cancelled; reading never blocks:
///
///     let config = HotConfig(configuration)
///     async let running: Void = config.run()
///     await config.ready()
///     let threshold = config.value(orgID: 1, "threshold")?.double ?? 0.75
public final class HotConfig: Sendable {
  /// How far the values in memory can be relied on.
  public enum State: Sendable, Equatable {
    /// Nothing was loaded yet.
    case connecting
    /// Loaded, subscribed, and the bridge is heard.
    case ready
    /// Loaded once, but no longer heard: the values are the last known good ones.
    case stale
  }

  private struct Memory {
    var store = ConfigStore()
    var state = State.connecting
    /// Messages that wait for a read: what is asked for, and the last position heard.
    var need = ConfigStore.Need.nothing
    var heard: FeedMessage.Position?
    var heardAt = ContinuousClock.now
    var isReadyWaiters: [CheckedContinuation<Void, Never>] = []
  }

  private let configuration: HotConfigConfiguration
  private let observe: @Sendable (HotConfigEvent) -> Void
  private let memory = Mutex(Memory())
  private let wake = AsyncSignal()

  /// - Parameters:
  ///   - configuration: Where the configuration comes from.
  ///   - observe: Told what happens, in order, on the task that runs `run()`. Must not block.
  public init(
    _ configuration: HotConfigConfiguration,
    observe: @escaping @Sendable (HotConfigEvent) -> Void = { _ in }
  ) {
    self.configuration = configuration
    self.observe = observe
  }

  /// The state now.
  public var state: State { memory.withLock { $0.state } }

  /// The value of `key` that holds for an organisation: its own, else the platform's; `nil` if there
  /// is neither.
  public func value(orgID: Int64, _ key: String) -> ConfigValue? {
    let (own, platform) = memory.withLock { memory in
      func value(_ orgID: Int64) -> ConfigValue? {
        memory.store.values[ConfigValue.Key(orgID: orgID, key: key)]
      }
      return (value(orgID), value(ConfigValue.Key.platform))
    }
    if let own, own.text != nil { return own }
    return platform?.text == nil ? nil : platform
  }

  /// Every value in memory, tombstones included, as one consistent picture.
  public var values: [ConfigValue.Key: ConfigValue] { memory.withLock { $0.store.values } }

  /// Returns when the first complete load is in memory.
  public func ready() async {
    await withCheckedContinuation { continuation in
      let isReady = memory.withLock { memory in
        if memory.state == .connecting {
          memory.isReadyWaiters.append(continuation)
          return false
        }
        return true
      }
      if isReady { continuation.resume() }
    }
  }

  /// Keeps the configuration current until the task is cancelled. Lost connections are tried again
  /// after 0, 1, 2, 4, 8 … 60 seconds.
  public func run() async {
    var backoff = Backoff()
    while !Task.isCancelled {
      do {
        try await follow()
      } catch is CancellationError {
        break
      } catch {
        let wasReady = memory.withLock { memory in
          defer { if memory.state == .ready { memory.state = .stale } }
          return memory.state == .ready
        }
        if wasReady { backoff.reset() }
        let pause = backoff.next()
        observe(.interrupted(error: error, retryAfter: pause))
        try? await Task.sleep(for: pause)
      }
    }
  }

  /// Subscribes, loads, and follows the announcements until something is lost.
  private func follow() async throws {
    let pattern = FeedMessage.pattern(service: configuration.service)
    let subscription = try await RedisSubscription.connect(configuration.redis)
    do {
      // Acknowledged before the load: what is committed after the load's snapshot is announced to us.
      try await subscription.psubscribe([pattern])
      observe(.subscribed(pattern: pattern))
      memory.withLock { $0.need = $0.store.since == nil ? .complete : .delta }

      try await withThrowingTaskGroup { group in
        group.addTask { try await self.listen(to: subscription) }
        group.addTask { try await self.readWhenAsked() }
        try await group.next()
        group.cancelAll()
      }
    } catch {
      await subscription.close()
      throw error
    }
    await subscription.close()
  }

  /// Turns messages into what is to be read. Ends when the subscription is lost.
  private func listen(to subscription: RedisSubscription) async throws {
    for try await message in subscription.messages {
      guard let feed = FeedMessage(channel: message.channel, payload: message.payload) else {
        continue
      }
      if case .announcement = feed {
        observe(.announced(channel: message.channel, payload: message.payload))
      }
      memory.withLock { memory in
        memory.heard = feed.position
        memory.heardAt = .now
        switch memory.store.need(for: feed) {
        case .nothing: memory.store.pass(feed)
        case .delta: if memory.need == .nothing { memory.need = .delta }
        case .complete: memory.need = .complete
        }
      }
      wake.raise()
    }
    try Task.checkCancellation()
    throw HotConfigError.subscriptionEnded
  }

  /// Reads what the messages ask for: one read for all that arrived meanwhile.
  private func readWhenAsked() async throws {
    var reader = ConfigReader(configuration)
    memory.withLock { $0.heardAt = .now }
    while true {
      try Task.checkCancellation()
      let (need, since, heard, heardAt) = memory.withLock { memory in
        defer { memory.need = .nothing }
        return (memory.need, memory.store.since, memory.heard, memory.heardAt)
      }
      if need == .nothing {
        let silence = heardAt.duration(to: .now)
        if silence > configuration.silence { throw HotConfigError.bridgeIsSilent }
        await wake.wait(timeout: min(configuration.silence - silence, configuration.linger))
        await reader.closeIfIdle()
        continue
      }

      let start = ContinuousClock.now
      let load = try await reader.load(since: need == .complete ? nil : since)
      let (changes, waiters) = memory.withLock { memory in
        let changes = memory.store.apply(load, heard: heard)
        memory.state = .ready
        defer { memory.isReadyWaiters = [] }
        return (changes, memory.isReadyWaiters)
      }
      let took = start.duration(to: .now)
      for change in changes { observe(.changed(change)) }
      observe(
        .loaded(
          isComplete: load.isComplete, rows: load.rows.count, epoch: load.epoch, took: took))
      for waiter in waiters { waiter.resume() }
    }
  }
}
