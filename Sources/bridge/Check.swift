internal import ArgumentParser
internal import Daemon
internal import HotConfig
internal import Postgres
internal import Redis

/// `bridge check`: every connection and right that a bridge needs, tried one by one.
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Try every connection and right that the bridge needs, and print a row each.",
    discussion: """
      Changes nothing, and may be run beside a bridge. A row is ok, warning (the bridge would work, \
      but worse) or FAILED. Exit codes: 0 nothing failed; 2 something did.
      """)

  @OptionGroup var connections: ConnectionOptions
  @OptionGroup var format: OutputOptions

  private typealias Row = CheckReport.Row

  func run() async throws {
    let redis = try connections.redisConfiguration()
    let report = CheckReport(
      await postgresRows(connections.postgres(applicationName: "bridge check", primary: true))
        + redisRows(redis))
    report.print(format.output, kind: "BridgeCheck")
    if report.outcome == .failed { throw ExitCode(2) }
  }

  /// Every function that the bridge calls.
  private static let functions = [
    "config.feed_lead(text,interval)", "config.feed_resign(text)", "config.feed_read(bigint)",
    "config.feed_advance(bigint,pg_snapshot,pg_snapshot,jsonb)", "config.feed_replay(bigint)",
    "config.feed_wake(bigint)", "config.feed_sleep(bigint)", "config.feed_status()",
  ]

  private func postgresRows(_ configuration: PostgresConfiguration) async -> [Row] {
    let connection: PostgresConnection
    var rows: [Row] = []
    do {
      connection = try await PostgresConnection.reach(configuration)
      let version = await connection.serverVersion / 10_000
      rows.append(Row(.ok, "PostgreSQL", "a primary, version \(version)"))
    } catch {
      return [Self.failed("PostgreSQL", error)]
    }
    do {
      let missing = try await connection.missing(functions: Self.functions)
      rows += Self.functions.map { function in
        missing.contains(function)
          ? Row(
            .failed, "function", "\(function): may not be called",
            hint: "run migrate up, GRANT ark_bridge")
          : Row(.ok, "function", "\(function): may be called")
      }
      rows.append(try await hearing(connection, configuration))
    } catch {
      rows.append(Self.failed("function", error))
    }
    await connection.close()
    return rows
  }

  private func hearing(
    _ connection: PostgresConnection, _ configuration: PostgresConfiguration
  ) async throws -> Row {
    let instance = ProcessIdentity.unique()
    let listener = try await Listener.connect(configuration, instance: instance)
    defer { Task { await listener.close() } }
    try await Feed(connection: connection).call(Listener.Call(instance: instance, number: 1))
    let limit = ContinuousClock.now + Hearing.limit
    while ContinuousClock.now < limit {
      if try listener.takeSounds().contains(.call(1)) {
        return Row(.ok, "NOTIFY", "comes through")
      }
      await listener.wait(until: limit)
    }
    return Row(
      .warning, "NOTIFY", "does not come through, the bridge would poll",
      hint: "connect directly, not through a pooler")
  }

  /// A row for every Sentinel, if there are any.
  private func sentinelRows(_ configuration: RedisConfiguration) async -> [Row] {
    var rows: [Row] = []
    for answer in await configuration.askSentinels() {
      let address = answer.sentinel
      switch answer.master {
      case .success(let master?):
        rows.append(Row(.ok, "Sentinel", "\(address) names \(master)"))
      case .success(nil):
        rows.append(
          Row(.failed, "Sentinel", "\(address) knows no master of the name in the URL"))
      case .failure(let error):
        rows.append(Row(.warning, "Sentinel", "\(error)"))
      }
      if let refusal = answer.refusal {
        rows.append(
          Row(.failed, "Sentinel", "\(address) does not let +switch-master be heard: \(refusal)"))
      }
    }
    return rows
  }

  private func redisRows(_ configuration: RedisConfiguration) async -> [Row] {
    let connection: RedisConnection
    var rows = await sentinelRows(configuration)
    do {
      connection = try await RedisConnection.connect(configuration)
      let server = try await connection.server()
      rows.append(
        Row(
          server.role == "master" ? .ok : .failed, "Redis",
          "\(configuration), a \(server.role), version \(server.version)"))
    } catch {
      return rows + [Self.failed("Redis", error)]
    }
    rows.append(
      configuration.usesTLS
        ? Row(.ok, "TLS", "the certificate is the server's")
        : Row(.warning, "TLS", "none", hint: "rediss:// encrypts"))
    for command in [["PUBLISH", FeedMessage.checkChannel, ""], ["ROLE"]] {
      do {
        _ = try await connection.send(command)
        rows.append(Row(.ok, command[0], "allowed"))
      } catch {
        rows.append(Self.failed(command[0], error))
      }
    }
    await connection.close()
    return rows
  }

  private static func failed(_ what: String, _ error: any Error) -> Row {
    Row(.failed, what, "\(error)", hint: (error as? PostgresError)?.hint)
  }
}
