internal import ArgumentParser
internal import Daemon
internal import Kubernetes
internal import Postgres

/// `provisioner check`: every connection, right and policy that a provisioner needs, tried one by one.
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Try every connection, right and policy that is needed, and print a row each.",
    discussion: """
      Changes nothing, and may be run beside a provisioner; with its login and its service account, \
      since their rights are what is tried. A row is ok, warning (the provisioner would work, but \
      something is less safe) or FAILED. Exit codes: 0 nothing failed; 1 the command line or the \
      kubeconfig; 2 a server could not be reached; 3 something else failed.
      """)

  @OptionGroup var place: DatabaseOptions
  @OptionGroup var cluster: KubernetesOptions
  @OptionGroup var usage: PrometheusOptions
  @OptionGroup var format: OutputOptions

  @Flag(help: "Take a warning for a failure.")
  var strict = false

  func run() async throws {
    let kubernetes = try cluster.client()
    let prometheus = try usage.client()
    let database = await DatabaseCheck.run(place)
    let report = CheckReport(
      database.rows
        + (await ClusterCheck(kubernetes: kubernetes).run(rights: database.rights))
        + (await PrometheusCheck.run(prometheus)))
    report.print(format.output, kind: "ProvisionerCheck")
    if report.isConnectionLost { throw ExitCode(2) }
    if report.outcome == .failed || strict && report.outcome == .warning { throw ExitCode(3) }
  }
}
