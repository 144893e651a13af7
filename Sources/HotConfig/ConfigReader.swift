internal import Postgres

/// Reads a service's configuration from PostgreSQL, over a connection that is opened to read.
struct ConfigReader: Sendable {
  private let service: String
  private let postgres: PostgresConfiguration
  private let linger: Duration?
  private var connection: PostgresConnection?
  private var usedAt = ContinuousClock.now
  private var isPooled = false

  /// How long a pooler's connection is kept if nothing else is said: until the next reconciliation at the
  /// latest it is used again.
  private static let pooledLinger = Duration.seconds(600)

  /// - Parameter linger: As `HotConfigConfiguration.linger`.
  init(service: String, postgres: PostgresConfiguration, linger: Duration?) {
    self.service = service
    self.postgres = postgres
    self.linger = linger
  }

  /// When the connection is given back; `nil` if there is none.
  var idleUntil: ContinuousClock.Instant? {
    connection == nil ? nil : usedAt + (linger ?? (isPooled ? Self.pooledLinger : .zero))
  }

  /// Loads everything (`since` is nil) or what is new since the last load's epoch and snapshot.
  mutating func load(since: (epoch: Int64, snapshot: String)?) async throws -> ConfigLoad {
    let result = try await query(
      "SELECT *, pg_backend_pid() AS backend FROM api.pod_configs($1, $2, $3)",
      [.text(service), .int(since?.epoch), .text(since?.snapshot)])
    // A pooler gives its clients a number of its own.
    if let connection, let backend = try result.first?.decode("backend", as: Int64.self) {
      isPooled = await backend != Int64(connection.backendPID)
    }
    return try ConfigLoad(service: service, result)
  }

  /// Tells the administrators what this pod has applied.
  mutating func report(_ report: ReloadReport, pod: String) async throws {
    _ = try await query(
      "SELECT api.report_pod($1, $2, $3, $4, $5, $6, $7, $8)",
      [
        .text(service), .text(pod), .text(report.state.name), .int(report.epoch),
        .int(report.seq), .int(report.reloads), .double(report.millisecondsSum),
        .double(report.millisecondsMax),
      ])
  }

  /// Tells the administrators how often flags were evaluated.
  /// - Parameter evaluations: Numbers by variant by flag, as JSON.
  mutating func report(evaluations: String) async throws {
    _ = try await query("SELECT api.report_evaluations($1)", [.json(evaluations)])
  }

  /// Gives the connection back if it has lingered long enough.
  mutating func rest(at now: ContinuousClock.Instant) async {
    if let idleUntil, idleUntil <= now { await close() }
  }

  /// Gives the connection back. A thousand pods are not a thousand backends.
  mutating func close() async {
    await connection?.close()
    connection = nil
  }

  private mutating func query(
    _ sql: String, _ parameters: [PostgresParameter]
  ) async throws -> PostgresResult {
    do {
      let connection = try await open()
      let result = try await connection.query(sql, parameters, timeout: .seconds(30))
      usedAt = .now
      return result
    } catch {
      await close()
      throw error
    }
  }

  private mutating func open() async throws -> PostgresConnection {
    // A pooler may have closed it meanwhile.
    if let connection, await connection.isAlive() { return connection }
    await connection?.close()
    let new = try await PostgresConnection.connect(postgres)
    connection = new
    return new
  }
}

extension ConfigLoad {
  fileprivate init(service: String, _ result: PostgresResult) throws {
    guard let first = result.first else { throw HotConfigError.emptyAnswer }
    self.service = service
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
