internal import Foundation
internal import HTTP
public import Kubernetes
internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// An API server over TLS and HTTP/2 whose every answer a test decides: for what the real one cannot be
/// brought to do. What the test does not decide, the stack's API server answers.
///
/// ```swift
/// let server = try await ScriptedAPIServer.start { request in
///   guard request.asks("POST", "/namespaces"), request.nth == 1 else { return .forward }
///   _ = try await request.forward()               // done, and
///   return .answer(.refusal(504))                 // the answer is lost
/// }
/// defer { server.stop() }
/// let client = try KubernetesClient(server.configuration())
/// ```
///
/// The script may wait: a request then hangs for as long. What it throws cuts the connection. For lost
/// packets put a `Relay(to: server.port)` before it.
public final class ScriptedAPIServer: Sendable {
  /// Decides what happens to a request.
  public typealias Script = @Sendable (Request) async throws -> Reaction

  /// Answers a request of that method and path before its body has come in; `nil`: not before.
  public typealias EarlyScript = @Sendable (_ method: String, _ path: String) -> Answer?

  private struct Line {
    var handler: NIOLoopBound<ScriptedConnection>
    var context: NIOLoopBound<ChannelHandlerContext>
    var channel: any Channel
  }

  private struct State {
    /// 0 until the kernel has given one.
    var port = 0
    var listener: (any Channel)?
    var tls: NIOSSLContext
    var authority: TestAuthority
    var connections: [Int: Line] = [:]
    var accepted = 0
    var requests: [Request] = []
    var counts: [String: Int] = [:]
    var tasks: [Int: Task<Void, Never>] = [:]
    var script: Script
    var early: EarlyScript = { _, _ in nil }
  }

  private let upstream: Upstream
  private let state: Mutex<State>

  private init(upstream: Upstream, state: sending State) {
    self.upstream = upstream
    self.state = Mutex(state)
  }

  /// Listens on 127.0.0.1, with a certificate of an authority of its own. End it with `stop()`.
  public static func start(
    _ script: @escaping Script = { _ in .forward }
  ) async throws -> ScriptedAPIServer {
    let authority = try await TestAuthority.make()
    let server = ScriptedAPIServer(
      upstream: try Upstream(kubeconfig: Stack.current.adminKubeconfig),
      state: State(tls: try await tls(authority), authority: authority, script: script))
    try await server.comeUp()
    return server
  }

  /// Where it is, for a client in this process.
  /// - Parameter credentials: Those that it shows; none are asked for. `nil`: those of the
  ///   provisioner's service account, which the stack's API server knows.
  public func configuration(
    credentials: KubernetesConfiguration.Credentials? = nil
  ) throws -> KubernetesConfiguration {
    let own = try KubernetesConfiguration.load(path: Stack.current.provisionerKubeconfig)
    return KubernetesConfiguration(
      server: url, trust: .authorities(authorityCertificate),
      credentials: credentials ?? own.credentials)
  }

  /// A kubeconfig, for a program; with the credentials of the provisioner's service account. Lies in
  /// the stack's folder.
  public func kubeconfig() throws -> String {
    let own = try String(contentsOfFile: Stack.current.provisionerKubeconfig, encoding: .utf8)
    let authority = Data(authorityCertificate).base64EncodedString()
    let text = own.replacing(/server: .*/, with: "server: \(url)")
      .replacing(/certificate-authority: .*/, with: "certificate-authority-data: \(authority)")
    let path = "\(Stack.current.folder)/scripted-\(port).kubeconfig"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// Port that was given by the kernel; the same after `goDown()` and `comeUp()`.
  public var port: Int { state.withLock { $0.port } }
  /// Its URL.
  public var url: String { "https://127.0.0.1:\(port)" }
  /// The certificate of its authority, PEM.
  public var authorityCertificate: [UInt8] { state.withLock { $0.authority.certificate } }
  /// The requests so far, in the order in which they came in.
  public var requests: [Request] { state.withLock { $0.requests } }
  /// How many connections were made.
  public var accepted: Int { state.withLock { $0.accepted } }

  /// Decides otherwise from now on.
  public func follow(_ script: @escaping Script) { state.withLock { $0.script = script } }

  /// Answers some requests without reading their bodies, from now on; they are not among `requests`.
  public func answerEarly(_ script: @escaping EarlyScript) { state.withLock { $0.early = script } }

  /// Shows certificates of another authority on new connections.
  public func use(_ authority: TestAuthority) async throws {
    let tls = try await Self.tls(authority)
    state.withLock { state in
      state.tls = tls
      state.authority = authority
    }
  }

  /// Sends GOAWAY on every connection; each ends when what it has begun is answered.
  public func goAway() { each { $0.goAway($1) } }

  /// Cuts every connection, without a word.
  public func cut() { each { $0.cut($1) } }

  /// Stops listening, and cuts every connection, until `comeUp()`.
  public func goDown() async throws {
    let listener = state.withLock { state in
      defer { state.listener = nil }
      return state.listener
    }
    try await listener?.close()
    cut()
  }

  /// Listens again.
  public func comeUp() async throws {
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try self.take(channel) }
      }
      .bind(host: "127.0.0.1", port: port).get()
    state.withLock { state in
      state.listener = listener
      state.port = listener.localAddress?.port ?? 0
    }
  }

  /// Ends it.
  public func stop() {
    let (listener, tasks) = state.withLock { state in
      defer {
        state.listener = nil
        // It may refer to this server.
        state.script = { _ in .close }
      }
      return (state.listener, state.tasks.values)
    }
    listener?.close(promise: nil)
    for task in tasks { task.cancel() }
    cut()
    try? FileManager.default.removeItem(
      atPath: "\(Stack.current.folder)/scripted-\(port).kubeconfig")
  }

  private static func tls(_ authority: TestAuthority) async throws -> NIOSSLContext {
    let leaf = try await authority.leaf()
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMBytes(leaf.certificate).map {
        .certificate($0)
      },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: leaf.key, format: .pem)))
    configuration.applicationProtocols = ["h2"]
    return try NIOSSLContext(configuration: configuration)
  }

  /// On the connection's own thread.
  private func take(_ channel: any Channel) throws {
    let (tls, number) = state.withLock { state in
      state.accepted += 1
      return (state.tls, state.accepted)
    }
    let handler = ScriptedConnection(
      onHead: { [weak self] in self?.early($0) },
      onRequest: { [weak self] in self?.receive($0, on: number) })
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(NIOSSLServerHandler(context: tls), name: ScriptedConnection.tls)
    try pipeline.addHandler(NIOHTTP2Handler(mode: .server))
    try pipeline.addHandler(handler)
    let line = Line(
      handler: NIOLoopBound(handler, eventLoop: channel.eventLoop),
      context: NIOLoopBound(try pipeline.context(handler: handler), eventLoop: channel.eventLoop),
      channel: channel)
    state.withLock { $0.connections[number] = line }
    channel.closeFuture.whenComplete { [weak self] _ in
      self?.state.withLock { $0.connections[number] = nil }
    }
  }

  private func early(_ message: ScriptedConnection.Message) -> Answer? {
    let script = state.withLock { $0.early }
    return script(
      message.headers.first(name: ":method") ?? "", message.headers.first(name: ":path") ?? "")
  }

  private func receive(_ message: ScriptedConnection.Message, on connection: Int) {
    let (request, script) = state.withLock { state in
      let request = note(message, on: connection, in: &state)
      return (request, state.script)
    }
    let task = Task {
      let reaction: Reaction
      do {
        reaction = try await resolved(script(request), request)
      } catch {
        reaction = .close
      }
      act(on: connection) { $0.perform(reaction, on: message.stream, $1) }
      state.withLock { $0.tasks[request.number] = nil }
    }
    // It may be over by now; then it is kept until the end.
    state.withLock { $0.tasks[request.number] = task }
  }

  private func note(
    _ message: ScriptedConnection.Message, on connection: Int, in state: inout State
  ) -> Request {
    func field(_ name: String) -> String { message.headers.first(name: name) ?? "" }
    let (method, path) = (field(":method"), field(":path"))
    let key = "\(method) \(path.prefix { $0 != "?" })"
    state.counts[key, default: 0] += 1
    let request = Request(
      method: method, path: path, headers: message.headers.map { ($0.name, $0.value) },
      body: message.body, number: state.requests.count + 1, nth: state.counts[key]!,
      connection: connection, upstream: upstream)
    state.requests.append(request)
    return request
  }

  /// What is forwarded is answered by somebody else.
  private func resolved(_ reaction: Reaction, _ request: Request) async throws -> Reaction {
    switch reaction {
    case .forward: .answer(try await request.forward())
    case .goAwayAfter(let next): .goAwayAfter(try await resolved(next, request))
    case .answer, .reset, .goAway, .cut, .close, .silence: reaction
    }
  }

  private func each(_ body: @escaping @Sendable (ScriptedConnection, ChannelHandlerContext) -> Void)
  {
    for number in state.withLock({ $0.connections.keys.sorted() }) { act(on: number, body) }
  }

  /// On the connection's own thread, if it is still there.
  private func act(
    on number: Int, _ body: @escaping @Sendable (ScriptedConnection, ChannelHandlerContext) -> Void
  ) {
    guard let line = state.withLock({ $0.connections[number] }) else { return }
    line.channel.eventLoop.execute {
      guard line.channel.isActive else { return }
      body(line.handler.value, line.context.value)
    }
  }
}
