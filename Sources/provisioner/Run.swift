internal import ArgumentParser
internal import Daemon
internal import Kubernetes
internal import Logging
internal import Postgres

/// `provisioner run`, what the daemon does.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Drain the queue until stopped (default).",
    discussion: """
      Several may run. SIGTERM finishes the jobs at hand; what a killed one leaves is taken up by \
      another when its lease has run out.
      """)

  @OptionGroup var place: DatabaseOptions
  @OptionGroup var cluster: KubernetesOptions
  @OptionGroup var usage: PrometheusOptions

  @Option(help: ArgumentHelp("Jobs carried out side by side.", valueName: "count"))
  var workers: Int = 8

  @Option(
    help: ArgumentHelp(
      "How long a job is a worker's without a heartbeat. A killed worker's jobs wait so long.",
      valueName: "seconds"))
  var lease: Int = 15

  @Option(help: ArgumentHelp("Look for work at least so often.", valueName: "seconds"))
  var poll: Int = 5

  @Option(
    help: ArgumentHelp(
      "Name of this instance in the queue. Default: host and process id.", valueName: "name"))
  var instance: String?

  @OptionGroup var daemon: DaemonOptions

  func validate() throws {
    if !(1...100).contains(workers) { throw ValidationError("--workers is 1 to 100") }
    if !(1...600).contains(lease) { throw ValidationError("--lease is 1 to 600 seconds") }
    if !(1...60).contains(poll) { throw ValidationError("--poll is 1 to 60 seconds") }
  }

  func run() async throws {
    let logger = daemon.logger(label: "provisioner")
    let metrics = Metrics()
    let readiness = ReadinessState(parts: ["queue", "kubernetes"])
    let observer = ProvisionerObserver(logger: logger, metrics: metrics, readiness: readiness)
    let postgres = place.configuration(applicationName: "provisioner")
    let kubernetes = try cluster.client(
      onWarning: { logger.warning("Kubernetes warns", metadata: ["warning": "\($0)"]) })
    let prometheus = try usage.client()
    try await Preflight.check(postgres: postgres, kubernetes: kubernetes)
    readiness.report("kubernetes", nil)
    // For each worker a connection that claims, one that reports and one for heartbeats, and one for each
    // kind of timed work.
    let pool = PostgresPool(configuration: postgres, size: workers * 3 + 3)
    let queue = Queue(
      pool: pool, worker: instance ?? ProcessIdentity.unique(), lease: .seconds(lease))
    let service = ProvisionerService(
      worker: Worker(
        queue: queue, caller: KubernetesCaller(client: kubernetes),
        observe: { observer.observe($0) }),
      workers: workers, postgres: postgres, poll: .seconds(poll),
      survey: Survey(queue: queue, kubernetes: kubernetes),
      ingest: UsageIngest(queue: queue, prometheus: prometheus),
      observe: { observer.observe($0) })
    try await DaemonRunner(logger: logger).run(
      daemon.healthServer(readiness: readiness, metrics: metrics) + [service])
  }
}
