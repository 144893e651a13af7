internal import Agent
internal import ArgumentParser
internal import Daemon
internal import Logging

/// What an agent serves, where, and to whom.
struct AgentOptions: ParsableArguments {
  @Option(
    name: .customLong("service"),
    help: ArgumentHelp(
      "A service whose configuration is served. May be repeated.", valueName: "name"))
  var services: [String] = []

  @Option(
    help: ArgumentHelp(
      "Serve this organisation only: the agent of a tenant's workload.", valueName: "id"))
  var org: Int64?

  @Option(
    help: ArgumentHelp(
      "ADDRESS:PORT or unix:/PATH, then ,org=ID or ,tokens=DIRECTORY or neither. May be repeated.",
      valueName: "listener"))
  var listen: [String] = []

  @Option(
    help: ArgumentHelp(
      "Folder of the files SERVICE.json, which are replaced atomically, and of .last-known-good, from which the agent starts when the database is away.",
      valueName: "directory"))
  var directory: String?

  @Option(help: ArgumentHelp("The name of this pod or node in admin.pods().", valueName: "name"))
  var pod: String?

  @Option(
    help: ArgumentHelp(
      "Seconds between two questions to the database while no bridge is heard.",
      valueName: "seconds"))
  var poll = 5.0

  @Option(
    help: ArgumentHelp(
      "Seconds without proof that the values are the database's after which they are STALE; above 60, as attempts may be that far apart.",
      valueName: "seconds"))
  var staleAfter = 90.0

  @Option(help: ArgumentHelp("Event streams at most; then 503.", valueName: "count"))
  var maxReaders = 10_000

  @Option(
    help: ArgumentHelp(
      "Event streams of one organisation at most. Default: all of them with --org, else a quarter.",
      valueName: "count"))
  var maxReadersPerOrg: Int?

  @Flag(help: "Write the files of --directory and end.")
  var once = false

  func validate() throws {
    guard !services.isEmpty else { throw ValidationError("--service is missing") }
    guard Set(services).count == services.count else {
      throw ValidationError("a --service is there twice")
    }
    for service in services where !Self.isName(service) {
      throw ValidationError("--service \(service) is no name of a service")
    }
    if let org, org < 1 { throw ValidationError("--org is an organisation's id, not \(org)") }
    if once, directory == nil { throw ValidationError("--once needs --directory") }
    if once, !listen.isEmpty { throw ValidationError("--once listens nowhere") }
    if listen.isEmpty, directory == nil {
      throw ValidationError("nothing to do: give --listen 127.0.0.1:8700 or --directory")
    }
    if maxReaders < 1 || (maxReadersPerOrg ?? 1) < 1 {
      throw ValidationError("--max-readers and --max-readers-per-org are at least 1")
    }
    // Not "<= 0": nan is neither. A day is more than anybody means, and less than a duration can hold.
    guard Self.seconds.contains(poll), Self.seconds.contains(staleAfter) else {
      throw ValidationError("--poll and --stale-after are seconds, from 0.001 to 86400")
    }
    _ = try listeners()
  }

  private static let seconds = 0.001...86_400

  /// Between two attempts to reach a server, in seconds (`Backoff`).
  static let longestPause = 60.0

  /// What the agent may see.
  var bound: AgentScope { org.map(AgentScope.organization) ?? .everything }

  /// The agent's configuration. Raises the limit of open files.
  func configuration(_ logger: Logger) throws -> AgentConfiguration {
    var readers = maxReaders
    // Some are the agent's own.
    let files = AgentLimits.raiseOpenFiles()
    let room = files - 600
    if readers > room {
      logger.warning(
        "fewer readers than asked for",
        metadata: [
          "max_readers": "\(max(1, room))", "hint": "raise the limit of open files: ulimit -Hn",
        ])
      readers = max(1, room)
    }
    let perOrganization = maxReadersPerOrg ?? (org == nil ? max(1, readers / 4) : readers)
    var limits = AgentLimits(
      readers: readers, readersPerOrganization: min(readers, perOrganization))
    limits.connections = max(1, files - 300)
    return AgentConfiguration(
      services: services, bound: bound, listeners: try listeners(), directory: directory,
      limits: limits)
  }

  private func listeners() throws -> [AgentListener] {
    try listen.map { argument in
      do {
        return try AgentListener(argument, bound: bound)
      } catch {
        throw ValidationError("\(error)")
      }
    }
  }

  /// As the database has it (`config.subscriptions`): it becomes a path and a channel.
  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count <= 63 else {
      return false
    }
    return text.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D
    }
  }
}
