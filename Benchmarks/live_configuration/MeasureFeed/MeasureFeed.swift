internal import ArgumentParser
internal import Postgres
internal import Redis

/// What the benchmark of live configuration measures in one process, with the libraries that services use.
@main
struct MeasureFeed: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "MeasureFeed",
    abstract: "Measure the way of a change from commit to memory.",
    subcommands: [CommitToMemory.self, FanOut.self, Announcements.self])
}

/// Where the benchmark's servers are.
struct Servers: ParsableArguments {
  @Option(help: "PostgreSQL, as the writer.") var writer: String
  @Option(help: "PostgreSQL, as a pod; through PgBouncer.") var pod: String
  @Option(help: "Redis, as the pod.") var redis: String
  @Option var redisCAFile: String
  @Option var redisPasswordFile: String
  @Option(help: "The organisation whose configuration changes.") var org: Int64

  /// - Parameter user: Another user than the pod; its password lies beside the pod's.
  func redisConfiguration(as user: String = "pod-ai") throws -> RedisConfiguration {
    try RedisConfiguration(
      url: redis.replacing("pod-ai", with: user), caFile: redisCAFile,
      passwordFile: redisPasswordFile.replacing("pod-ai", with: user))
  }

  /// A connection of the writer, in the organisation.
  func writerConnection() async throws -> PostgresConnection {
    let connection = try await PostgresConnection.connect(PostgresConfiguration(conninfo: writer))
    try await connection.execute("SET app.current_org = \(org)")
    return connection
  }
}

enum MeasureError: Error {
  /// A statement returned nothing, or nothing was heard.
  case noRow
}
