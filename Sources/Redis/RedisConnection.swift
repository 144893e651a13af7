internal import NIOCore
internal import Synchronization

/// A connection for commands. Any number of tasks may use it at a time; answers come in order.
public final class RedisConnection: Sendable {
  private let channel: any Channel
  /// Closes the connection when the Sentinels name another master.
  private let watching = Mutex<Task<Void, Never>?>(nil)

  deinit { watching.withLock { $0?.cancel() } }

  private init(_ channel: any Channel) {
    self.channel = channel
  }

  /// Connects and authenticates.
  /// - Throws: `RedisError`: `connection`, `timeout`, `configuration`; `server` with the code NOAUTH or
  ///   WRONGPASS.
  public static func connect(
    _ configuration: RedisConfiguration, timeout: Duration = .seconds(5)
  ) async throws -> RedisConnection {
    let configuration = try await Sentinel.resolved(configuration)
    let password = try configuration.server.password()
    let channel = try await Transport.connect(configuration.server, timeout: timeout) {
      CommandHandler()
    }
    let connection = RedisConnection(channel)
    do {
      // Also shows that TLS has come about, which `connect` does not wait for.
      let greeting =
        password.map { ["AUTH", configuration.server.user ?? "default", $0] } ?? ["PING"]
      _ = try await connection.send(greeting, timeout: timeout)
      if let watch = configuration.watch {
        try await connection.server().expectMaster(at: configuration.server)
        connection.watching.withLock { $0 = watch.start { channel.close(promise: nil) } }
      }
      return connection
    } catch let error as RedisError where error.isOfAServerWithoutUsers {
      await connection.close()
      throw RedisError(
        kind: .version,
        message: "the server knows no users, so it is older than 6; 6.2 or newer is needed")
    } catch {
      await connection.close()
      throw RedisError.hiding(password, in: error)
    }
  }

  /// Sends one command.
  /// - Throws: `RedisError`; kind `server` if the answer is an error.
  public func send(_ command: [String], timeout: Duration = .seconds(5)) async throws -> RedisValue
  {
    let answer = try await pipeline([command], timeout: timeout)[0]
    if case .error(let text) = answer { throw RedisError(reply: text) }
    return answer
  }

  /// Sends several commands at once.
  /// - Returns: An answer per command, in order; errors among them do not disturb the others.
  /// - Throws: `RedisError` if the connection is lost or an answer does not come in time.
  public func pipeline(
    _ commands: [[String]], timeout: Duration = .seconds(5)
  ) async throws -> [RedisValue] {
    guard !commands.isEmpty else { return [] }
    let promise = channel.eventLoop.makePromise(of: [RedisValue].self)
    let pipeline = Pipeline(
      commands: commands, answers: promise, timeout: TimeAmount(timeout))
    channel.writeAndFlush(pipeline).whenFailure { error in
      // If the handler has kept the promise already, this is passed over.
      promise.fail(error as? RedisError ?? RedisError(kind: .connection, message: "\(error)"))
    }
    return try await promise.futureResult.get()
  }

  /// Closes the connection. Safe to call more than once.
  public func close() async {
    watching.withLock { $0?.cancel() }
    try? await channel.close().get()
  }
}
