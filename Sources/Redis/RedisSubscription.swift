internal import NIOCore
internal import Synchronization

/// A connection that receives messages.
///
/// It asks the server every `period` whether it is there, and counts as lost when nothing was heard
/// for `limit` after that: a peer that has vanished without a word is noticed.
public final class RedisSubscription: Sendable {
  /// The messages, in order. Ends with a `RedisError` when the connection is lost, without one after
  /// `close()`. For one reader.
  public let messages: AsyncThrowingStream<RedisMessage, any Error>
  private let channel: any Channel
  private let timeout: Duration
  /// Closes the connection when the Sentinels name another master.
  private let watching = Mutex<Task<Void, Never>?>(nil)

  deinit { watching.withLock { $0?.cancel() } }

  private init(
    _ channel: any Channel, messages: AsyncThrowingStream<RedisMessage, any Error>,
    timeout: Duration
  ) {
    self.channel = channel
    self.messages = messages
    self.timeout = timeout
  }

  /// Connects and authenticates.
  /// - Parameters:
  ///   - timeout: For the connection, and for every acknowledgement.
  ///   - period: Time between two PINGs.
  ///   - limit: Silence after a PING with which the server counts as lost.
  /// - Throws: `RedisError`.
  public static func connect(
    _ configuration: RedisConfiguration, timeout: Duration = .seconds(5),
    period: Duration = .seconds(2), limit: Duration = .seconds(5)
  ) async throws -> RedisSubscription {
    let configuration = try await Sentinel.resolved(configuration)
    let password = try configuration.server.password()
    let (messages, deliver) = AsyncThrowingStream.makeStream(of: RedisMessage.self)
    let channel = try await Transport.connect(configuration.server, timeout: timeout) {
      SubscriptionHandler(
        period: TimeAmount(period), limit: TimeAmount(limit), deliver: deliver)
    }
    let subscription = RedisSubscription(channel, messages: messages, timeout: timeout)
    do {
      if let password {
        try await subscription.ask(
          ["AUTH", configuration.server.user ?? "default", password], answers: 1)
      }
      if let watch = configuration.watch {
        try RedisConnection.Server(ofHello: await subscription.ask(["HELLO", "2"], answers: 1))
          .expectMaster(at: configuration.server)
        subscription.watching.withLock { $0 = watch.start { channel.close(promise: nil) } }
      }
      return subscription
    } catch {
      await subscription.close()
      throw RedisError.hiding(password, in: error)
    }
  }

  /// Subscribes to channels. Returns when the server has acknowledged each of them.
  /// - Throws: `RedisError`; code NOPERM if the user may not.
  public func subscribe(_ channels: [String]) async throws {
    try await ask(["SUBSCRIBE"] + channels, answers: channels.count)
  }

  /// Subscribes to patterns. Returns when the server has acknowledged each of them.
  /// - Throws: `RedisError`; code NOPERM if the user may not.
  public func psubscribe(_ patterns: [String]) async throws {
    try await ask(["PSUBSCRIBE"] + patterns, answers: patterns.count)
  }

  /// Closes the connection; `messages` ends. Safe to call more than once.
  public func close() async {
    watching.withLock { $0?.cancel() }
    try? await channel.close().get()
  }

  @discardableResult
  private func ask(_ command: [String], answers: Int) async throws -> RedisValue {
    guard answers > 0 else { return .array([]) }
    let done = channel.eventLoop.makePromise(of: RedisValue.self)
    let request = SubscriptionRequest(
      command: command, answers: answers, done: done, timeout: TimeAmount(timeout))
    channel.writeAndFlush(request)
      .whenFailure { error in
        // If the handler has kept the promise already, this is passed over.
        done.fail(error as? RedisError ?? RedisError(kind: .connection, message: "\(error)"))
      }
    return try await done.futureResult.get()
  }
}
