internal import ArgumentParser
internal import Daemon
internal import HotConfig

/// `bridge watch`: a subscriber, before one's eyes.
struct Watch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Hold a service's configuration as a pod does, and print every change.",
    discussion: """
      Connects as a pod: PostgreSQL as a login that is bound to the service (admin.bind_pod), Redis \
      as the service's pod user. Prints a line per event until interrupted:

        ready    once everything is loaded
        value    a value held in memory
        message  what was announced on Redis, to the letter
        changed  a value that was swapped in, and the milliseconds since it was changed, by the
                 clocks of the database's host and of this one
      """)

  @OptionGroup var connections: ConnectionOptions

  @Option(help: ArgumentHelp("The service whose configuration is held.", valueName: "name"))
  var service: String

  @Option(help: ArgumentHelp("End after so many changes.", valueName: "count"))
  var changes: Int?

  func validate() throws {
    if let changes, changes < 1 { throw ValidationError("--changes is at least 1") }
  }

  func run() async throws {
    let postgres = connections.postgres(applicationName: "bridge watch", primary: false)
    let redis = try connections.redisConfiguration()
    try await Preflight.check(
      postgres: postgres, redis: redis, function: "api.pod_configs(text,bigint,pg_snapshot)")
    let printer = WatchPrinter(service: service, limit: changes)
    let config = HotConfig(
      HotConfigConfiguration(services: [service], postgres: postgres, redis: redis),
      observe: { printer.print($0) })
    do {
      try await printer.finished()
    } catch {
      await config.close()
      throw error
    }
    await config.close()
  }
}
