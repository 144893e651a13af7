internal import Daemon
internal import Postgres
internal import Redis

/// What must be so before a daemon begins. Once it has begun, it rides out whatever is lost.
enum Preflight {
  /// Connects to both servers once.
  /// - Throws: `StartupError`, in words for whoever has started the daemon.
  static func check(
    postgres: PostgresConfiguration, redis: RedisConfiguration, function: String
  ) async throws {
    do {
      try await PostgresConnection.probe(postgres, for: function)
    } catch let error as PostgresError {
      throw StartupError(
        error.description, hint: error.hint ?? "look at the server's log",
        isConnection: error.kind != .usage)
    }
    do {
      await (try RedisConnection.connect(redis)).close()
    } catch let error as RedisError {
      throw StartupError(
        error.description, hint: "look at the --redis URL, its CA file and its password file",
        isConnection: error.kind != .configuration)
    }
  }
}
