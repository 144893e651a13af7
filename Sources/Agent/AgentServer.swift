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
  private let desk: Desk
  private let windows: [Window]
  private let group: MultiThreadedEventLoopGroup
  private let circles: [(loop: any EventLoop, box: NIOLoopBoundBox<Circle>)]
  private let observe: @Sendable (AgentObservation) -> Void

  /// How often the folders of tokens are looked at.
  private static let tokenPeriod = Duration.seconds(2)

  init(
    desk: Desk, windows: [Window], observe: @escaping @Sendable (AgentObservation) -> Void
  ) {
    self.desk = desk
    self.windows = windows
    self.observe = observe
    group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, System.coreCount))
    circles = group.makeIterator().map { loop in
      (loop, NIOLoopBoundBox.makeBoxSendingValue(Circle(), eventLoop: loop))
    }
  }

  var connections: Int { windows.reduce(0) { $0 + $1.connections.load(ordering: .relaxed) } }

  /// Serves until the task is cancelled or the service is shut down gracefully.
  /// - Throws: `AgentFailure` if an address cannot be listened on, or tokens cannot be read at the start.
  func run() async throws {
    for window in windows { try await readTokens(window) }
    var listeners: [any Channel] = []
    do {
      for window in windows { listeners.append(try await listen(window)) }
    } catch {
      for listener in listeners { try? await listener.close().get() }
      try? await group.shutdownGracefully()
      throw error
    }
    for (loop, box) in circles { loop.execute { box.value.begin(on: loop, box) } }
    try? await cancelWhenGracefulShutdown { try await self.watchTokens() }
    observe(.stops)
    for listener in listeners { try? await listener.close().get() }
    for window in windows { Self.removeSocket(of: window) }
    for (loop, box) in circles { loop.execute { box.value.close() } }
    // Who does not read what he was sent is not waited for.
    for _ in 0..<50 where connections > 0 {
      await Self.uncancelled { try? await Task.sleep(for: .milliseconds(40)) }
    }
    for (loop, box) in circles { loop.execute { box.value.cut() } }
    try? await group.shutdownGracefully()
  }

  /// Gives the threads back of a server that has not run.
  func close() async throws { try await group.shutdownGracefully() }

  /// Sends what has changed. Returns when every event loop has given it to the system.
  func send(_ broadcasts: [ServiceBoard.Broadcast], of board: ServiceBoard) async {
    guard !broadcasts.isEmpty else { return }
    await withTaskGroup { group in
      for (loop, box) in circles {
        group.addTask {
          try? await loop.submit { box.value.send(broadcasts, of: board) }.get()
        }
      }
    }
  }

  private func listen(_ window: Window) async throws -> any Channel {
    let desk = desk
    let circles = Dictionary(
      uniqueKeysWithValues: circles.map { (ObjectIdentifier($0.loop), $0.box) })
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 8 * 1024, high: 64 * 1024))
      // The system's own would grow to megabytes for each reader that does not read.
      .childChannelOption(.socketOption(.so_sndbuf), value: 64 * 1024)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard let box = circles[ObjectIdentifier(channel.eventLoop)] else {
            throw ChannelError.inappropriateOperationForState
          }
          let before = window.connections.add(1, ordering: .relaxed).oldValue
          channel.closeFuture.whenComplete { _ in
            window.connections.subtract(1, ordering: .relaxed)
          }
          guard before < window.mostConnections else { throw ChannelError.ioOnClosedChannel }
          let gate = ByteGate()
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(gate)
          // Who asks and does not read is asked nothing more.
          try pipeline.addHandler(BackPressureHandler())
          try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
          try pipeline.addHandler(
            Connection(desk: desk, window: window, circle: box.value, gate: gate))
        }
      }
    do {
      let channel: any Channel
      switch window.listener.address {
      case .tcp(let host, let port):
        channel = try await bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
          .bind(host: host, port: port).get()
        let port = channel.localAddress?.port ?? port
        let name = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        observe(.listens(address: name, access: window.listener.access))
      case .unix(let path):
        channel = try await bind(bootstrap, path, window)
        observe(.listens(address: "unix:\(path)", access: window.listener.access))
      }
      return channel
    } catch let error as AgentFailure {
      throw error
    } catch let error as IOError {
      throw AgentFailure(
        description:
          "cannot listen on \(window.listener): \(String(cString: strerror(error.errnoCode)))")
    } catch {
      throw AgentFailure(description: "cannot listen on \(window.listener): \(error)")
    }
  }

  /// Opens a socket beside its place, for owner and group, and puts it there: nobody finds it with other
  /// rights, and what an agent left behind that was killed is replaced.
  private func bind(
    _ bootstrap: ServerBootstrap, _ path: String, _ window: Window
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
    window.socket.withLock { $0 = found.st_ino }
    return channel
  }

  /// Unless another agent has put its own there.
  private static func removeSocket(of window: Window) {
    guard case .unix(let path) = window.listener.address else { return }
    var found = stat()
    guard lstat(path, &found) == 0, found.st_ino == window.socket.withLock({ $0 }) else { return }
    unlink(path)
  }

  private func readTokens(_ window: Window) async throws {
    do {
      guard let new = try await BlockingThread.run({ try window.readTokens() }) else { return }
      observe(
        .tokens(
          address: "\(window.listener)", count: new.scopes.count, passedOver: new.passedOver))
    } catch {
      throw AgentFailure(description: "the tokens of \(window.listener) cannot be read: \(error)")
    }
  }

  private func watchTokens() async throws {
    while true {
      try await Task.sleep(for: Self.tokenPeriod)
      for window in windows {
        do {
          try await readTokens(window)
        } catch {
          observe(.tokensUnreadable(address: "\(window.listener)", error: error))
        }
      }
    }
  }

  private static func uncancelled(_ body: @escaping @Sendable () async -> Void) async {
    await Task(operation: body).value
  }
}
