internal import ArgumentParser
internal import Daemon
internal import Postgres

/// `bridge status`: what PostgreSQL knows of the bridges.
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show who leads, how far behind it is, and what it published last.",
    discussion: """
      Asks PostgreSQL, as a login of the group ark_bridge or ark_dba. Exit codes: 0 a bridge leads and \
      keeps up; 3 none leads, or changes have waited for more than five seconds.
      """)

  @OptionGroup var place: DatabaseOptions

  func run() async throws {
    let status = try await FeedStatus.read(
      PostgresConfiguration(
        conninfo: place.database ?? "",
        overrides: ["application_name": "bridge status", "target_session_attrs": "read-write"]))
    for (name, text) in status.rows {
      StandardStream.output.writeLine(
        name + String(repeating: " ", count: max(1, 12 - name.count)) + text)
    }
    if let trouble = status.trouble {
      StandardStream.error.writeLine("bridge: \(trouble)")
      throw ExitCode(3)
    }
  }
}
