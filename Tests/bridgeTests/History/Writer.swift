internal import Postgres
internal import Synchronization

/// An application that changes the configuration of one organisation, and remembers how each write
/// ended. Every value is one of its own and contains `Judge.marker`.
actor Writer {
  /// How it writes.
  enum Way: Sendable {
    /// `api.set_config`.
    case call
    /// A plain UPDATE or INSERT, which triggers see to.
    case statement
  }

  private static let count = Atomic<Int>(0)

  let orgID: Int64
  private let history: History
  private let configuration: PostgresConfiguration
  private let setup: String
  private var connection: PostgresConnection?

  /// - Parameter setup: What it says first on each connection.
  init(orgID: Int64, history: History, _ configuration: PostgresConfiguration, setup: String = "") {
    self.orgID = orgID
    self.history = history
    self.configuration = configuration
    self.setup = setup
  }

  /// A value that nobody else writes.
  static func value() -> String {
    "\(Judge.marker)-\(count.add(1, ordering: .relaxed).newValue)"
  }

  /// Changes a key; or several, in one transaction.
  /// - Parameters:
  ///   - before: What is said in the transaction before it is committed.
  ///   - end: COMMIT or ROLLBACK.
  /// - Throws: What the database refused or did not answer; the history knows of it.
  func set(
    _ service: String, _ keys: [String], to value: String?, by way: Way = .call,
    before: String = "", end: String = "COMMIT"
  ) async throws {
    var commits = keys.map {
      History.Commit(
        key: History.Key(orgID: orgID, service: service, key: $0), version: nil, value: value,
        certainty: .unknown)
    }
    let pardons = history.pardons
    do {
      let connection = try await begin()
      for index in commits.indices {
        let sql =
          switch way {
          case .call: "SELECT version FROM api.set_config($1, $2, $3, 'trial')"
          case .statement:
            """
            INSERT INTO service_configs (service, key, value) VALUES ($1, $2, $3)
            ON CONFLICT (org_id, service, key) DO UPDATE SET value = excluded.value
            RETURNING version
            """
          }
        let result = try await connection.query(
          sql, [.text(service), .text(commits[index].key.key), .text(value)],
          timeout: .seconds(30))
        commits[index].version = try result[0].decode("version", as: Int64.self)
      }
      if !before.isEmpty { try await connection.execute(before) }
      do {
        try await connection.query(end, timeout: .seconds(30))
      } catch {
        // Nobody knows how it ended.
        history.wrote(commits)
        throw error
      }
    } catch {
      // Before COMMIT: nothing was written.
      await connection?.close()
      connection = nil
      throw error
    }
    guard end == "COMMIT" else { return }
    for index in commits.indices { commits[index].certainty = .committed }
    history.wrote(commits, since: pardons)
  }

  /// Changes so many keys of `ai` in one statement: `<prefix>1` to `<prefix><count>`.
  func setMany(_ count: Int, _ prefix: String, to value: String) async throws {
    let pardons = history.pardons
    let connection = try await begin()
    do {
      let rows = try await connection.query(
        """
        INSERT INTO service_configs (service, key, value)
        SELECT 'ai', $1 || n, $2 FROM generate_series(1, $3::int) AS n
        ON CONFLICT (org_id, service, key) DO UPDATE SET value = excluded.value
        RETURNING key, version
        """, [.text(prefix), .text(value), .int(Int64(count))], timeout: .seconds(60))
      var commits = try rows.map {
        History.Commit(
          key: History.Key(
            orgID: orgID, service: "ai", key: try $0.decode("key", as: String.self)),
          version: try $0.decode("version", as: Int64.self), value: value, certainty: .unknown)
      }
      do {
        try await connection.query("COMMIT", timeout: .seconds(60))
      } catch {
        history.wrote(commits)
        throw error
      }
      for index in commits.indices { commits[index].certainty = .committed }
      history.wrote(commits, since: pardons)
    } catch {
      await close()
      throw error
    }
  }

  /// Changes a key to a value of its own.
  /// - Returns: The value.
  @discardableResult
  func set(_ key: String, of service: String = "ai", by way: Way = .call) async throws -> String {
    let value = Self.value()
    try await set(service, [key], to: value, by: way)
    return value
  }

  /// Deletes a key.
  func delete(_ key: String, of service: String = "ai") async throws {
    try await set(service, [key], to: nil)
  }

  func close() async {
    await connection?.close()
    connection = nil
  }

  /// A transaction; on a new connection, if the one that there was is gone.
  private func begin() async throws -> PostgresConnection {
    if let connection {
      do {
        try await connection.execute("BEGIN")
        return connection
      } catch {
        await close()
      }
    }
    let new = try await connected()
    try await new.execute("BEGIN")
    return new
  }

  private func connected() async throws -> PostgresConnection {
    let new = try await PostgresConnection.connect(configuration)
    try await new.execute("SET app.current_org = \(orgID); \(setup)")
    connection = new
    return new
  }
}
