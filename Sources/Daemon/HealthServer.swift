internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
public import ServiceLifecycle

/// The port that Kubernetes and Prometheus ask: `/healthz` (the process lives), `/readyz` (it can do
/// its work; else 503 with the reasons) and `/metrics`.
public struct HealthServer: Service {
  private let host: String
  private let port: Int
  private let readiness: ReadinessState
  private let metrics: Metrics

  /// How long a connection may stay open without a whole request: who opens them and says nothing must not
  /// take the files that the daemon needs itself.
  private static let idle = TimeAmount.seconds(10)
  /// More connections wait until others are closed.
  private static let mostConnections = 128

  /// - Parameters:
  ///   - host: Address to listen on.
  ///   - port: TCP port.
  ///   - readiness: Answers `/readyz`.
  ///   - metrics: Answers `/metrics`.
  public init(host: String = "127.0.0.1", port: Int, readiness: ReadinessState, metrics: Metrics) {
    self.host = host
    self.port = port
    self.readiness = readiness
    self.metrics = metrics
  }

  public func run() async throws {
    let readiness = readiness
    let metrics = metrics
    let router = Router()
    router.get("/healthz") { _, _ in "ok\n" }
    router.get("/readyz") { _, _ in
      let missing = readiness.missing
      guard !missing.isEmpty else { return Self.text(.ok, "ok\n") }
      let reasons = missing.map { "\($0.part): \($0.reason)\n" }.joined()
      return Self.text(.serviceUnavailable, reasons)
    }
    router.get("/metrics") { _, _ in
      Self.text(.ok, metrics.exposition(), type: "text/plain; version=0.0.4; charset=utf-8")
    }
    var quiet = Logger(label: "health")
    quiet.logLevel = .error
    let application = Application(
      router: router, server: .http1(configuration: .init(idleTimeout: Self.idle)),
      configuration: .init(
        address: .hostname(host, port: port), serverName: "agent-ready-k8s",
        availableConnectionsDelegate: MaximumAvailableConnections(
          Self.mostConnections, logger: quiet)),
      logger: quiet)
    do {
      try await application.run()
    } catch let error as IOError {
      throw StartupError(
        "cannot listen on \(host):\(port): \(String(cString: strerror(error.errnoCode)))",
        hint: "choose another --health-port or --health-host")
    }
  }

  private static func text(
    _ status: HTTPResponse.Status, _ body: String, type: String = "text/plain; charset=utf-8"
  ) -> Response {
    Response(
      status: status, headers: [.contentType: type],
      body: .init(byteBuffer: ByteBuffer(string: body)))
  }
}
