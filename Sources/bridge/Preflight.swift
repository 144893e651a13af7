internal import Daemon
internal import Postgres
internal import Redis

/// What must be so before a daemon begins. Once it has begun, it rides out whatever is lost.
enum Preflight {
  /// Tries on both servers what the program is going to do.
  /// - Parameters:
  ///   - redis: `nil` where the program does without.
  ///   - function: One that the program calls.
  ///   - channel: One that the program publishes on, if it does.
  /// - Throws: `StartupError`, in words for whoever has started the daemon.
  static func check(
    postgres: PostgresConfiguration, redis: RedisConfiguration?, function: String,
    publishing channel: String? = nil
  ) async throws {
    do {
      try await PostgresConnection.probe(postgres, for: function)
    } catch let error as PostgresError {
      throw StartupError(
        error.description, hint: error.hint ?? "look at the server's log",
        isConnection: error.kind != .usage)
    }
    guard let redis else { return }
    do {
      try await RedisConnection.probe(redis, publishing: channel)
    } catch let error as RedisError {
      throw StartupError(
        error.description, hint: hint(error, redis),
        isConnection: error.kind != .configuration && error.code != "NOPERM")
    }
  }

  private static func hint(_ error: RedisError, _ redis: RedisConfiguration) -> String {
    switch (error.kind, error.code) {
    case (.server, "NOPERM"): "give the user its rights in Redis's ACL file; see deploy/redis"
    case (.server, _): "look at the user of the --redis URL and at its password file"
    case (.role, _):
      redis.sentinels == nil
        ? "point --redis at the master, or at its Sentinels (redis+sentinel://)"
        : "look at the master's name in the --redis URL, and at SENTINEL MASTERS"
    case (.version, _): "point --redis at a newer server"
    case (.connection, _) where redis.usesTLS:
      "look at the --redis URL and the CA file; without TLS the URL begins with redis://"
    case (.connection, _): "look at the --redis URL; with TLS it begins with rediss://"
    default: "look at the --redis URL, its CA file and its password file"
    }
  }
}
