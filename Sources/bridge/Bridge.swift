internal import ArgumentParser
internal import Daemon

/// The command `bridge`.
@main
struct Bridge: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bridge",
    abstract: "Carries configuration changes from PostgreSQL to Redis.",
    discussion: """
      PostgreSQL is told of by the usual variables (PGHOST, PGPORT, PGUSER, PGSERVICE, …), a \
      password file, or --database with a name or a URI. Redis is told of by --redis or REDIS_URL.
      """,
    subcommands: [Run.self, Check.self, Status.self, Watch.self, Replay.self, RunAgent.self],
    defaultSubcommand: Run.self)

  static func main() async {
    DaemonRunner.ignoreBrokenPipes()
    await CommandLineTool.run(Self.self)
  }
}
