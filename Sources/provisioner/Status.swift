internal import ArgumentParser
internal import Daemon
internal import Kubernetes
internal import Postgres

/// `provisioner status`: what PostgreSQL knows of the provisioners and their work.
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show organisations, queue, workers, what does not get on, roll-outs, timed work.",
    discussion: """
      Asks PostgreSQL alone. Exit codes: 0 all is well; 1 the command line, or a missing right; \
      2 no connection; 3 something is bad, and standard error says what.
      """)

  @OptionGroup var place: DatabaseOptions
  @OptionGroup var format: OutputOptions

  func run() async throws {
    let report = try await place.ask("status") { connection in
      let answer = try await connection.query(
        "SELECT provisioning.status() AS status", timeout: .seconds(30))
      return StatusReport(
        try JSONValue(parsing: try answer[0].decode("status", as: String.self)))
    }
    switch format.output {
    case .json: StandardStream.output.writeLine(report.document.serialized())
    case .human: for line in report.lines { StandardStream.output.writeLine(line) }
    }
    for trouble in report.trouble { StandardStream.error.writeLine("provisioner: \(trouble)") }
    if !report.trouble.isEmpty { throw ExitCode(3) }
  }
}
