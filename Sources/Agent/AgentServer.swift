internal import AsyncIO
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization

/// The listeners and their connections.
///
/// SwiftNIO bare, without a task for each connection: a change is a loop over the sockets of an event
/// loop, each of which gets the same bytes.
final class AgentServer: Sendable {
  private let shared: SharedState
  private let listeners: [ListenerState]
  private let group: MultiThreadedEventLoopGroup
  private let loops: [(loop: any EventLoop, box: NIOLoopBoundBox<LoopConnections>)]
  private let observe: @Sendable (AgentObservation) -> Void

  /// How often the folders of tokens are looked at.
  private static let tokenPeriod = Duration.seconds(2)

  init(
    shared: SharedState, listeners: [ListenerState],
    observe: @escaping @Sendable (AgentObservation) -> Void
  ) {
    self.shared = shared
    self.listeners = listeners
    self.observe = observe
    group = MultiThreadedEventLoopGroup(numberOfThreads: min(4, max(1, System.coreCount)))
    loops = group.makeIterator().map { loop in
      (loop, NIOLoopBoundBox.makeBoxSendingValue(LoopConnections(), eventLoop: loop))
    }
  }

  var connections: Int { listeners.reduce(0) { $0 + $1.connections.load(ordering: .relaxed) } }

  /// Serves until the task is cancelled or the service is shut down gracefully.
  /// - Throws: `AgentFailure` if an address cannot be listened on, or tokens cannot be read at the start.
  func run() async throws {
    for listener in listeners { try await readTokens(listener) }
    var channels: [any Channel] = []
    do {
      for listener in listeners { channels.append(try await listen(listener)) }
    } catch {
      for channel in channels { try? await channel.close().get() }
      try? await group.shutdownGracefully()
      throw error
    }
    for (loop, box) in loops { loop.execute { box.value.begin(on: loop, box) } }
    try? await cancelWhenGracefulShutdown { try await self.watchTokens() }
    observe(.stops)
    for channel in channels { try? await channel.close().get() }
    for listener in listeners { Self.removeSocket(of: listener) }
    for (loop, box) in loops { loop.execute { box.value.close() } }
    // Who does not read what he was sent is not waited for.
    for _ in 0..<50 where connections > 0 {
      await Self.uncancelled { try? await Task.sleep(for: .milliseconds(40)) }
    }
    for (loop, box) in loops { loop.execute { box.value.cut() } }
    try? await group.shutdownGracefully()
  }

  /// Gives the threads back of a server that has not run.
  func close() async throws { try await group.shutdownGracefully() }

  /// Sends what has changed. Returns when every event loop has given it to the system.
  func send(_ broadcasts: [ServiceBoard.Broadcast], of board: ServiceBoard) async {
    guard !broadcasts.isEmpty else { return }
    await withTaskGroup { group in
      for (loop, box) in loops {
        group.addTask {
          try? await loop.submit { box.value.send(broadcasts, of: board) }.get()
        }
      }
    }
  }

  private func listen(_ listener: ListenerState) async throws -> any Channel {
    let (shared, listeners) = (shared, listeners)
    let loops = Dictionary(
      uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.loop), $0.box) })
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 8 * 1024, high: 64 * 1024))
      // The system's own would grow to megabytes for each reader that does not read.
      .childChannelOption(.socketOption(.so_sndbuf), value: 64 * 1024)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard let box = loops[ObjectIdentifier(channel.eventLoop)] else {
            throw ChannelError.inappropriateOperationForState
          }
          let before = listener.connections.add(1, ordering: .relaxed).oldValue
          channel.closeFuture.whenComplete { _ in
            listener.connections.subtract(1, ordering: .relaxed)
          }
          let all = listeners.reduce(0) { $0 + $1.connections.load(ordering: .relaxed) }
          guard before < listener.mostConnections, all <= shared.limits.connections else {
            throw ChannelError.ioOnClosedChannel
          }
          let gate = ByteGate()
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(gate)
          // Who asks and does not read is asked nothing more.
          try pipeline.addHandler(BackPressureHandler())
          try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
          try pipeline.addHandler(
            Connection(shared: shared, listener: listener, siblings: box.value, gate: gate))
        }
      }
    do {
      let channel: any Channel
      switch listener.configuration.address {
      case .tcp(let host, let port):
        channel = try await bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
          .bind(host: host, port: port).get()
        let port = channel.localAddress?.port ?? port
        let name = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        observe(.listens(address: name, access: listener.configuration.access))
      case .unix(let path):
        channel = try await bind(bootstrap, path, listener)
        observe(.listens(address: "unix:\(path)", access: listener.configuration.access))
      }
      return channel
    } catch let error as AgentFailure {
      throw error
    } catch let error as IOError {
      throw AgentFailure(
        description:
          "cannot listen on \(listener.configuration): \(String(cString: strerror(error.errnoCode)))"
      )
    } catch {
      throw AgentFailure(description: "cannot listen on \(listener.configuration): \(error)")
    }
  }

  /// Opens a socket beside its place, for owner and group, and puts it there: nobody finds it with other
  /// rights, and what an agent left behind that was killed is replaced.
  private func bind(
    _ bootstrap: ServerBootstrap, _ path: String, _ listener: ListenerState
  ) async throws -> any Channel {
    var found = stat()
    if lstat(path, &found) == 0, found.st_mode & S_IFMT != S_IFSOCK {
      throw AgentFailure(description: "cannot listen on unix:\(path): what is there is no socket")
    }
    let temporary = path + ".new"
    let channel = try await bootstrap.bind(
      unixDomainSocketPath: temporary, cleanupExistingSocketFile: true
    ).get()
    guard chmod(temporary, 0o660) == 0, lstat(temporary, &found) == 0,
      rename(temporary, path) == 0
    else {
      let why = String(cString: strerror(errno))
      try? await channel.close().get()
      throw AgentFailure(description: "cannot listen on unix:\(path): \(why)")
    }
    listener.socket.withLock { $0 = found.st_ino }
    return channel
  }

  /// Unless another agent has put its own there.
  private static func removeSocket(of listener: ListenerState) {
    guard case .unix(let path) = listener.configuration.address else { return }
    var found = stat()
    guard lstat(path, &found) == 0, found.st_ino == listener.socket.withLock({ $0 }) else { return }
    unlink(path)
  }

  private func readTokens(_ listener: ListenerState) async throws {
    do {
      guard let new = try await BlockingThread.run({ try listener.readTokens() }) else { return }
      observe(
        .tokens(
          address: "\(listener.configuration)", count: new.scopes.count, passedOver: new.passedOver)
      )
    } catch {
      throw AgentFailure(
        description: "the tokens of \(listener.configuration) cannot be read: \(error)")
    }
  }

  private func watchTokens() async throws {
    while true {
      try await Task.sleep(for: Self.tokenPeriod)
      for listener in listeners {
        do {
          try await readTokens(listener)
        } catch {
          observe(.tokensUnreadable(address: "\(listener.configuration)", error: error))
        }
      }
    }
  }

  private static func uncancelled(_ body: @escaping @Sendable () async -> Void) async {
    await Task(operation: body).value
  }
}
