internal import ArgumentParser
internal import Daemon

/// The command `provisioner`.
@main
struct Provisioner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "provisioner",
    abstract: "Makes committed organisations into isolated Kubernetes namespaces.",
    discussion: """
      PostgreSQL is told of by the usual variables (PGHOST, PGPORT, PGUSER, PGSERVICE, …), a \
      password file, or --database with a name or a URI. Kubernetes is told of by --kubeconfig, \
      KUBECONFIG, ~/.kube/config, or by the mounted service account inside a cluster.
      """,
    subcommands: [Run.self, Check.self, Plan.self, Drift.self, Status.self],
    defaultSubcommand: Run.self)

  static func main() async {
    DaemonRunner.ignoreBrokenPipes()
    await CommandLineTool.run(Self.self)
  }
}
