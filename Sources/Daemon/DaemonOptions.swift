public import ArgumentParser
public import Logging
public import ServiceLifecycle

/// The options that every daemon has.
public struct DaemonOptions: ParsableArguments {
  @Option(help: ArgumentHelp("human or json.", valueName: "format"))
  var logFormat: LogFormat = .human

  @Option(
    help: ArgumentHelp(
      "Drop events below: trace, debug, info, notice, warning, error.", valueName: "level"))
  var logLevel: Logger.Level = .info

  @Option(
    help: ArgumentHelp(
      "Port for /healthz, /readyz and /metrics. Default: none.", valueName: "port"))
  var healthPort: Int?

  @Option(help: ArgumentHelp("Address for the health port.", valueName: "address"))
  var healthHost: String = "127.0.0.1"

  public init() {}

  public func validate() throws {
    if let healthPort, !(1...65535).contains(healthPort) {
      throw ValidationError("--health-port is a TCP port, 1 to 65535, not \(healthPort)")
    }
  }

  /// The daemon's logger, as configured.
  public func logger(label: String) -> Logger {
    Logger(label: label) { _ in LineLogHandler(format: logFormat, level: logLevel) }
  }

  /// The health port as a service, if one was asked for.
  public func healthServer(readiness: ReadinessState, metrics: Metrics) -> [any Service] {
    guard let healthPort else { return [] }
    return [
      HealthServer(host: healthHost, port: healthPort, readiness: readiness, metrics: metrics)
    ]
  }
}

extension LogFormat: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
