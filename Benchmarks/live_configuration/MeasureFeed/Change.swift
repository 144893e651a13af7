internal import Postgres

/// One change of the benchmark's key by one writer.
struct Change: Sendable {
  let connection: PostgresConnection

  /// Changes the key in a transaction that is not committed yet.
  /// - Returns: The version that it will have.
  func begin(_ value: Int) async throws -> Int64 {
    try await connection.execute("BEGIN")
    let result = try await connection.query(
      "SELECT version FROM api.set_config('ai', 'timeout_ms', $1, 'measured')", [.text("\(value)")])
    guard let first = result.first else { throw MeasureError.noRow }
    return try first.decode("version", as: Int64.self)
  }

  /// Commits, and returns when that began.
  func commit() async throws -> ContinuousClock.Instant {
    let start = ContinuousClock.now
    try await connection.execute("COMMIT")
    return start
  }
}
