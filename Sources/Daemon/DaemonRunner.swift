internal import Glibc
public import Logging
public import ServiceLifecycle
internal import UnixSignals

/// Runs the long-lived parts of a daemon until SIGTERM or SIGINT, then shuts them down in reverse
/// order.
public struct DaemonRunner: Sendable {
  private let logger: Logger

  /// - Parameter logger: Where starting and stopping is told.
  public init(logger: Logger) {
    self.logger = logger
  }

  /// What every daemon and tool of ours does first in `main`: a peer that closed its socket is an
  /// error of the write, not the end of the process.
  public static func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
  }

  /// Runs `services` as one group. Returns after a graceful shutdown.
  /// - Parameter grace: How long the services may take to finish what they are at; then they are
  ///   cancelled.
  /// - Throws: What the first failing service threw.
  public func run(_ services: [any Service], grace: Duration = .seconds(10)) async throws {
    var configuration = ServiceGroupConfiguration(
      services: services.map {
        .init(
          service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
          failureTerminationBehavior: .gracefullyShutdownGroup)
      },
      gracefulShutdownSignals: [.sigterm, .sigint],
      logger: Self.quiet(logger))
    configuration.maximumGracefulShutdownDuration = grace
    try await ServiceGroup(configuration: configuration).run()
    logger.info("stopped")
  }

  /// The group tells every step of its own at info and debug, which is of no use to an operator.
  private static func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    logger.logLevel = max(logger.logLevel, .warning)
    return logger
  }
}
