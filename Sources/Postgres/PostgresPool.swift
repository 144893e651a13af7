/// A few connections, lent out one task at a time. Opened when needed, replaced when broken.
public actor PostgresPool {
  private let configuration: PostgresConfiguration
  private let permits: PoolPermits
  private var idle: [PostgresConnection] = []
  private var isClosed = false

  /// - Parameters:
  ///   - size: The most connections at a time, at least 1.
  ///   - patience: How long somebody waits for a connection to come back before one more is opened. The
  ///     first few are opened without a wait.
  public init(
    configuration: PostgresConfiguration, size: Int, patience: Duration = .milliseconds(100)
  ) {
    precondition(size > 0)
    self.configuration = configuration
    permits = PoolPermits(size: size, patience: patience)
  }

  /// Lends a connection to `body`; waits in turn if all are lent.
  /// - Throws: `PostgresError` if none can be opened or the pool is closed; what `body` throws.
  public nonisolated func withConnection<Value: Sendable>(
    _ body: (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    try await permits.withPermit {
      let connection = try await take()
      do {
        let value = try await body(connection)
        await give(connection)
        return value
      } catch {
        await give(connection)
        throw error
      }
    }
  }

  /// Closes the idle connections; those that are lent are closed when they come back.
  public func close() async {
    isClosed = true
    for connection in idle { await connection.close() }
    idle = []
  }

  private func take() async throws -> PostgresConnection {
    guard !isClosed else { throw PostgresError(kind: .usage, message: "the pool is closed") }
    while let connection = idle.popLast() {
      if await connection.isAlive() { return connection }
      await connection.close()
    }
    return try await PostgresConnection.connect(configuration)
  }

  private func give(_ connection: PostgresConnection) async {
    // One in the middle of a transaction would carry it to the next borrower.
    if await connection.isUsable, await !connection.isInTransaction, !isClosed {
      idle.append(connection)
    } else {
      await connection.close()
    }
  }
}
