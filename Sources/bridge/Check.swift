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

  func run() async throws {
    let redis = try connections.redisConfiguration()
    let rows =
      await postgresRows(connections.postgres(applicationName: "bridge check", primary: true))
      + redisRows(redis)
    for row in rows { StandardStream.output.writeLine(row.line) }
    if rows.contains(where: { $0.outcome == .failed }) { throw ExitCode(2) }
  }

  private struct Row: Sendable {
    enum Outcome: String, Sendable {
      case ok
      case warning
      case failed = "FAILED"
    }

    var outcome: Outcome
    var what: String
    var text: String

    var line: String {
      let state = outcome.rawValue.padded(to: 9)
      return state + what.padded(to: 13) + text.replacing("\n", with: " ")
    }
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
      connection = try await PostgresConnection.connect(configuration)
      try await connection.checkVersion()
      let version = await connection.serverVersion / 10_000
      rows.append(
        Row(outcome: .ok, what: "PostgreSQL", text: "a primary, version \(version)"))
    } catch {
      return [Row(outcome: .failed, what: "PostgreSQL", text: Self.words(error))]
    }
    do {
      rows += try await connection.query(
        """
        SELECT f.name, coalesce(has_function_privilege(to_regprocedure(f.name)::oid, 'EXECUTE'), false) AS may
        FROM unnest($1::text[]) WITH ORDINALITY AS f (name, number) ORDER BY f.number
        """, [.textArray(Self.functions)], timeout: .seconds(5)
      ).map { row in
        let name = try row.decode("name", as: String.self)
        return try row.decode("may", as: Bool.self)
          ? Row(outcome: .ok, what: "function", text: "\(name): may be called")
          : Row(
            outcome: .failed, what: "function",
            text: "\(name): may not be called: run migrate up, GRANT ark_bridge")
      }
      rows.append(try await hearing(connection, configuration))
    } catch {
      rows.append(Row(outcome: .failed, what: "function", text: Self.words(error)))
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
        return Row(outcome: .ok, what: "NOTIFY", text: "comes through")
      }
      await listener.wait(until: limit)
    }
    return Row(
      outcome: .warning, what: "NOTIFY",
      text: "does not come through, the bridge would poll: connect directly, not through a pooler")
  }

  /// A row for every Sentinel, if there are any.
  private func sentinelRows(_ configuration: RedisConfiguration) async -> [Row] {
    var rows: [Row] = []
    for answer in await configuration.askSentinels() {
      let address = answer.sentinel
      switch answer.master {
      case .success(let master?):
        rows.append(Row(outcome: .ok, what: "Sentinel", text: "\(address) names \(master)"))
      case .success(nil):
        rows.append(
          Row(
            outcome: .failed, what: "Sentinel",
            text: "\(address) knows no master of the name in the URL"))
      case .failure(let error):
        rows.append(Row(outcome: .warning, what: "Sentinel", text: Self.words(error)))
      }
      if let refusal = answer.refusal {
        rows.append(
          Row(
            outcome: .failed, what: "Sentinel",
            text: "\(address) does not let +switch-master be heard: \(Self.words(refusal))"))
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
          outcome: server.role == "master" ? .ok : .failed, what: "Redis",
          text: "\(configuration), a \(server.role), version \(server.version)"))
    } catch {
      return rows + [Row(outcome: .failed, what: "Redis", text: Self.words(error))]
    }
    rows.append(
      configuration.usesTLS
        ? Row(outcome: .ok, what: "TLS", text: "the certificate is the server's")
        : Row(outcome: .warning, what: "TLS", text: "none: rediss:// encrypts"))
    for command in [["PUBLISH", FeedMessage.checkChannel, ""], ["ROLE"]] {
      do {
        _ = try await connection.send(command)
        rows.append(Row(outcome: .ok, what: command[0], text: "allowed"))
      } catch {
        rows.append(Row(outcome: .failed, what: command[0], text: Self.words(error)))
      }
    }
    await connection.close()
    return rows
  }

  private static func words(_ error: any Error) -> String {
    guard let error = error as? PostgresError, let hint = error.hint else { return "\(error)" }
    return "\(error) HINT: \(hint)"
  }
}

extension String {
  /// Filled up with blanks.
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
