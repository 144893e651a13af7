internal import ArgumentParser
internal import Daemon
internal import Postgres
internal import Redis

/// Where PostgreSQL and Redis are.
struct ConnectionOptions: ParsableArguments {
  @OptionGroup var place: DatabaseOptions

  @Option(
    help: ArgumentHelp(
      "redis:// or rediss:// (TLS); redis+sentinel://host:port,host:port/master asks Sentinels. Default: REDIS_URL.",
      valueName: "url"))
  var redis: String?

  @Option(
    help: ArgumentHelp(
      "PEM file of the authority that signed Redis's certificate. Default: REDIS_CA_FILE, else the system's.",
      valueName: "file"))
  var redisCAFile: String?

  @Option(
    help: ArgumentHelp(
      "File with the password of the user in the URL. Default: REDIS_PASSWORD_FILE.",
      valueName: "file"))
  var redisPasswordFile: String?

  @Option(
    help: ArgumentHelp(
      "PEM file of a certificate for Redis, if it asks for one. Default: REDIS_CERT_FILE.",
      valueName: "file"))
  var redisCertFile: String?

  @Option(
    help: ArgumentHelp(
      "PEM file of its key. Default: REDIS_KEY_FILE, else the certificate's file.",
      valueName: "file"))
  var redisKeyFile: String?

  @Option(
    help: ArgumentHelp(
      "Name that Redis's certificate must bear. Default: REDIS_SERVER_NAME, else the URL's host.",
      valueName: "name"))
  var redisServerName: String?

  @Option(
    help: ArgumentHelp(
      "User of the Sentinels themselves. Default: REDIS_SENTINEL_USER.", valueName: "name"))
  var redisSentinelUser: String?

  @Option(
    help: ArgumentHelp(
      "File with the Sentinels' password. Default: REDIS_SENTINEL_PASSWORD_FILE, else none.",
      valueName: "file"))
  var redisSentinelPasswordFile: String?

  /// The connection to a primary: the feed is read nowhere else.
  func postgres(applicationName: String, primary: Bool) -> PostgresConfiguration {
    var overrides = ["application_name": applicationName]
    if primary { overrides["target_session_attrs"] = "read-write" }
    var configuration = PostgresConfiguration(conninfo: place.database ?? "", overrides: overrides)
    // There may be a pooler in between, which may hand prepared statements on to other clients.
    configuration.preparesStatements = false
    return configuration
  }

  /// - Throws: `ValidationError` if no URL is given; `RedisError` if it is none.
  func redisConfiguration() throws -> RedisConfiguration {
    guard let configuration = try redisConfigurationIfGiven() else {
      throw ValidationError("no Redis: give --redis rediss://user@host:port or set REDIS_URL")
    }
    return configuration
  }

  /// - Returns: `nil` if no URL is given.
  /// - Throws: `RedisError` if it is none.
  func redisConfigurationIfGiven() throws -> RedisConfiguration? {
    guard let url = redis ?? Environment["REDIS_URL"] else { return nil }
    var configuration = try RedisConfiguration(
      url: url, caFile: redisCAFile ?? Environment["REDIS_CA_FILE"],
      passwordFile: redisPasswordFile ?? Environment["REDIS_PASSWORD_FILE"],
      serverName: redisServerName ?? Environment["REDIS_SERVER_NAME"])
    configuration.certificateFile = redisCertFile ?? Environment["REDIS_CERT_FILE"]
    configuration.keyFile = redisKeyFile ?? Environment["REDIS_KEY_FILE"]
    configuration.sentinels?.user = redisSentinelUser ?? Environment["REDIS_SENTINEL_USER"]
    configuration.sentinels?.passwordFile =
      redisSentinelPasswordFile ?? Environment["REDIS_SENTINEL_PASSWORD_FILE"]
    return configuration
  }
}
