internal import Postgres

/// Reads a service's configuration from PostgreSQL, over a connection that is kept only for a while.
struct ConfigReader: Sendable {
  private let configuration: HotConfigConfiguration
  private var connection: PostgresConnection?
  private var usedAt = ContinuousClock.now

  init(_ configuration: HotConfigConfiguration) {
    self.configuration = configuration
  }

  /// Loads everything (`since` is nil) or what is new since the last load's epoch and snapshot.
  mutating func load(since: (epoch: Int64, snapshot: String)?) async throws -> ConfigLoad {
    let connection = try await open()
    do {
      let result = try await connection.query(
        "SELECT * FROM api.pod_configs($1, $2, $3)",
        [.text(configuration.service), .int(since?.epoch), .text(since?.snapshot)],
        timeout: .seconds(30))
      usedAt = .now
      return try ConfigLoad(result)
    } catch {
      await connection.close()
      self.connection = nil
      throw error
    }
  }

  /// Closes the connection if it was not used for `linger`.
  mutating func closeIfIdle() async {
    guard let connection, usedAt.duration(to: .now) >= configuration.linger else { return }
    await connection.close()
    self.connection = nil
  }

  private mutating func open() async throws -> PostgresConnection {
    if let connection, await connection.isUsable { return connection }
    let new = try await PostgresConnection.connect(configuration.postgres)
    connection = new
    return new
  }
}

extension ConfigLoad {
  fileprivate init(_ result: PostgresResult) throws {
    guard let first = result.first else { throw HotConfigError.emptyAnswer }
    epoch = try first.decode("epoch", as: Int64.self)
    seq = try first.decode("seq", as: Int64?.self) ?? 0
    snapshot = try first.decode("snapshot", as: String?.self)
    isComplete = try first.decode("complete", as: Bool.self)
    rows = [:]
    for row in result {
      guard let orgID = try row.decode("org_id", as: Int64?.self) else { continue }
      let key = ConfigValue.Key(orgID: orgID, key: try row.decode("key", as: String.self))
      rows[key] = ConfigValue(
        text: try row.decode("value", as: String?.self),
        type: try row.decode("type", as: String?.self) ?? "text",
        version: try row.decode("version", as: Int64.self),
        changedMicroseconds: try row.decode("changed_us", as: Int64.self))
    }
  }
}
