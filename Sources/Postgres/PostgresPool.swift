internal import AsyncIO

/// A few connections, lent out one task at a time. Opened when needed, replaced when broken.
public actor PostgresPool {
  private let configuration: PostgresConfiguration
  private let permits: AsyncSemaphore
  private var idle: [PostgresConnection] = []
  private var isClosed = false

  /// - Parameter size: The most connections at a time, at least 1.
  public init(configuration: PostgresConfiguration, size: Int) {
    self.configuration = configuration
    permits = AsyncSemaphore(permits: size)
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
