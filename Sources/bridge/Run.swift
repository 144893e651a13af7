internal import ArgumentParser
internal import Daemon
internal import HotConfig
internal import Logging
internal import Redis

/// `bridge run`, what the daemon does.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Publish every configuration change until stopped (default).",
    discussion: """
      Several may run: one leads, the others stand by and take over within four seconds. SIGTERM \
      hands the lead over at once.
      """)

  @OptionGroup var connections: ConnectionOptions
  @OptionGroup var daemon: DaemonOptions

  @Option(
    help: ArgumentHelp(
      "Name of this instance, unique among the bridges. Default: host and process id.",
      valueName: "name"))
  var instance: String?

  func validate() throws {
    // An empty variable in a manifest would give all bridges one name, and with it one lead.
    if let instance, instance.isEmpty || instance.contains(where: \.isNewline) {
      throw ValidationError("--instance is a name, on one line")
    }
  }

  func run() async throws {
    let logger = daemon.logger(label: "bridge")
    let metrics = Metrics()
    let readiness = ReadinessState(parts: ["feed"])
    let observer = BridgeObserver(logger: logger, metrics: metrics, readiness: readiness)
    let postgres = connections.postgres(applicationName: "bridge", primary: true)
    var redis = try connections.redisConfiguration()
    try await Preflight.check(
      postgres: postgres, redis: redis, function: "config.feed_lead(text,interval)",
      publishing: FeedMessage.checkChannel)
    redis.sentinels?.isUnheard = { sentinel, error in
      observer.observe(.unheard(sentinel: "\(sentinel)", error: error))
    }
    let service = BridgeService(
      instance: instance ?? ProcessIdentity.unique(), postgres: postgres, redis: redis,
      observe: { observer.observe($0) })
    try await DaemonRunner(logger: logger).run(
      daemon.healthServer(readiness: readiness, metrics: metrics) + [service])
  }
}
