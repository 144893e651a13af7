internal import Agent
internal import ArgumentParser
internal import Daemon
internal import HotConfig
internal import Logging

/// `bridge agent`, one per node or beside a workload.
struct RunAgent: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent",
    abstract:
      "Hold configuration for the workloads of this host, and serve it by HTTP and as files.",
    discussion: """
      Connects as a pod: PostgreSQL as a login that is bound to the services (admin.bind_pod), Redis \
      as a user that may subscribe to them. Without --redis the database is asked every few seconds.

      Workloads get no login: they ask http://…/v1/config/SERVICE, follow it as an event stream \
      (Accept: text/event-stream), or read DIRECTORY/SERVICE.json.

      Whom a listener answers:
        --listen 127.0.0.1:8700           every process of this host
        --listen unix:/run/7.sock,org=7   who may open it, for organisation 7
        --listen 0.0.0.0:8700,tokens=DIR  who has a bearer token of a file in DIR:
                                          7 for organisation 7, all for all

      With --org the agent serves that organisation only, whatever its login may; and it refuses a \
      login that may load more.
      """)

  @OptionGroup var connections: ConnectionOptions
  @OptionGroup var daemon: DaemonOptions
  @OptionGroup var serving: AgentOptions

  func run() async throws {
    let logger = daemon.logger(label: "agent")
    let postgres = connections.postgres(applicationName: "bridge agent", primary: false)
    let redis = try connections.redisConfigurationIfGiven()
    let files = AgentFolder(serving.directory)
    try await AgentPreflight(
      services: serving.services, bound: serving.bound, postgres: postgres, redis: redis
    ).check {
      // What was kept from the last run is better than nothing.
      logger.warning("begins without a server", metadata: ["error": "\($0)"])
      return files.keeps(serving.services)
    }
    try files.make()

    if serving.staleAfter <= AgentOptions.longestPause {
      logger.warning(
        "a short outage will show as STALE",
        metadata: [
          "stale_after": "\(serving.staleAfter)",
          "hint":
            "attempts may be \(AgentOptions.longestPause) s apart; --stale-after is better longer",
        ])
    }
    let metrics = Metrics()
    let readiness = ReadinessState(parts: serving.services)
    let observer = AgentObserver(logger: logger, metrics: metrics, readiness: readiness)
    let service = AgentService(
      try serving.configuration(logger),
      hotConfig: { name in
        var configuration = HotConfigConfiguration(
          services: [name], postgres: postgres, redis: redis)
        configuration.pod = serving.pod
        configuration.lastKnownGood = files.kept
        configuration.poll = .seconds(serving.poll)
        configuration.grace = .seconds(serving.staleAfter)
        return configuration
      }, observe: { observer.observe($0) })
    if serving.once {
      do {
        return try await service.writeOnce(patience: .seconds(10))
      } catch let error as HotConfigError {
        throw StartupError(
          error.description, hint: "bridge check tries every connection", isConnection: true)
      }
    }
    observer.follow(service)
    do {
      try await DaemonRunner(logger: logger).run(
        daemon.healthServer(readiness: readiness, metrics: metrics) + [service])
    } catch let error as AgentFailure {
      throw StartupError(
        error.description, hint: "look at --listen; bridge agent --help explains it")
    }
  }
}
