internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

/// Rows that are folded as they come.
@Suite(.timeLimit(.minutes(2))) struct ReduceTests {
  private func connect() async throws -> PostgresConnection {
    try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: Stack.current.conninfo(database: "postgres")))
  }

  private struct Unwanted: Error, Equatable {
    var row: Int
  }

  @Test func everyRowComesOnceInItsOrder() async throws {
    let connection = try await connect()
    let rows = try await connection.reduce(
      into: [String?](),
      "SELECT n, NULLIF(n, 3)::text AS n, $1 AS m FROM generate_series(1, $2::int) AS n",
      [.text("é"), .int(5)]
    ) { rows, row in rows.append("\(try row.decode("n", as: Int.self))\(row["m"] ?? "") \(row)") }
    #expect(
      rows == [
        "1é ('1', '1', 'é')", "2é ('2', '2', 'é')", "3é ('3', NULL, 'é')", "4é ('4', '4', 'é')",
        "5é ('5', '5', 'é')",
      ])
    let none = try await connection.reduce(into: 7, "SELECT 1 WHERE false") { sum, _ in sum = 0 }
    #expect(none == 7)
    let many = try await connection.reduce(
      into: (0, 0), "SELECT n FROM generate_series(1, 50000) AS n"
    ) { sum, row in
      sum.0 += 1
      sum.1 += try row.decode("n", as: Int.self)
    }
    #expect(many == (50_000, 1_250_025_000))
    await connection.close()
  }

  /// What `add` throws, an error in the middle, a statement that is no query: the connection goes on.
  @Test func whatGoesWrongIsThrownAndTheConnectionGoesOn() async throws {
    let connection = try await connect()
    await #expect(throws: Unwanted(row: 3)) {
      try await connection.reduce(into: 0, "SELECT n FROM generate_series(1, 5000) AS n") {
        seen, row in
        seen += 1
        if seen >= 3 { throw Unwanted(row: seen) }
      }
    }
    #expect(try await connection.value("SELECT 1") == "1")
    let failure = await #expect(throws: PostgresError.self) {
      try await connection.reduce(
        into: (), "SELECT 1 / (4000 - n) FROM generate_series(1, 5000) AS n"
      ) { _, _ in }
    }
    #expect(failure?.sqlState == "22012")
    #expect(try await connection.value("SELECT 2") == "2")
    let copy = await #expect(throws: PostgresError.self) {
      try await connection.reduce(into: (), "COPY (SELECT 1) TO STDOUT") { _, _ in }
    }
    #expect(copy?.kind == .usage)
    #expect(try await connection.value("SELECT 3") == "3")
    let late = await #expect(throws: PostgresError.self) {
      try await connection.reduce(
        into: (), "SELECT pg_sleep(60) FROM generate_series(1, 5)", timeout: .milliseconds(50)
      ) { _, _ in }
    }
    #expect(late?.kind == .timeout)
    #expect(try await connection.value("SELECT 4") == "4")
    await connection.close()
  }

  // MARK: In the middle of the rows

  /// Rows as wide as what the server sends at once, so that each comes when it is made.
  private static let slow = """
    SELECT n, repeat('x', 9000) AS wide, CASE WHEN n > 20 THEN pg_sleep(600)::text END AS wait
    FROM generate_series(1, 1000) AS n
    """

  private final class Seen: Sendable {
    private let rows = Mutex(0)
    var count: Int { rows.withLock { $0 } }
    func add() { rows.withLock { $0 += 1 } }
  }

  /// Runs it in a task that ends with an error, and then uses the connection.
  /// - Parameter isCancelled: Whether the task is cancelled once rows have come.
  /// - Returns: The error, and how many rows have come before it.
  private func interrupted(
    _ connection: PostgresConnection, _ sql: String, timeout: Duration? = nil,
    isCancelled: Bool = false
  ) async throws -> (failure: (any Error)?, rows: Int) {
    let seen = Seen()
    let task = Task {
      try await connection.reduce(into: (), sql, timeout: timeout) { _, _ in seen.add() }
    }
    if isCancelled {
      try await eventually("rows") { seen.count > 0 }
      task.cancel()
    }
    var failure: (any Error)?
    do { try await task.value } catch { failure = error }
    let rows = seen.count
    // Nothing of it comes later: neither a row nor an answer is left for the next one.
    for number in 1...3 {
      #expect(try await connection.value("SELECT \(number)") == "\(number)")
    }
    let sum = try await connection.reduce(into: 0, "SELECT generate_series(1, 100) AS n") {
      $0 += try $1.decode("n", as: Int.self)
    }
    #expect(sum == 5050)
    #expect(seen.count == rows)
    return (failure, rows)
  }

  /// On a busy machine the first row may come late: then once more, with more time.
  private func behindRows(
    _ attempt: (Duration) async throws -> (failure: (any Error)?, rows: Int)
  ) async throws -> PostgresError? {
    for milliseconds in [300, 1200, 4800, 19200] {
      let (failure, rows) = try await attempt(.milliseconds(milliseconds))
      if rows > 0 { return failure as? PostgresError }
    }
    return nil
  }

  @Test func aStatementTimeoutBehindRowsIsThrown() async throws {
    let connection = try await connect()
    let failure = try await behindRows { limit in
      try await connection.query(
        "SELECT set_config('statement_timeout', $1, false)",
        [
          .int(
            limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000)
        ]
      )
      return try await interrupted(connection, Self.slow)
    }
    // query_canceled
    #expect(failure?.kind == .server && failure?.sqlState == "57014")
    await connection.close()
  }

  @Test func aTimeoutBehindRowsCancelsTheStatement() async throws {
    let connection = try await connect()
    let failure = try await behindRows {
      try await interrupted(connection, Self.slow, timeout: $0)
    }
    #expect(failure?.kind == .timeout)
    await connection.close()
  }

  /// While the server waits, and while rows come without end.
  @Test(arguments: [slow, "SELECT generate_series(1, 4000000000) AS n"])
  func cancellationBehindRowsEndsTheStatement(sql: String) async throws {
    let connection = try await connect()
    let (failure, _) = try await interrupted(connection, sql, isCancelled: true)
    #expect(failure is CancellationError, "\(String(describing: failure))")
    let other = try await connect()
    #expect(
      try await other.value(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = \(await connection.backendPID) AND state = 'active'"
      ) == "0")
    await other.close()
    await connection.close()
  }

  /// In a transaction it is as after any other error.
  @Test func aTransactionIsRolledBackBehindACancellation() async throws {
    let connection = try await connect()
    try await connection.execute("CREATE TEMP TABLE t (n int)")
    try await connection.execute("BEGIN; INSERT INTO t VALUES (1)")
    let seen = Seen()
    let task = Task {
      try await connection.reduce(into: (), Self.slow) { _, _ in seen.add() }
    }
    try await eventually("rows") { seen.count > 0 }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    let refused = await #expect(throws: PostgresError.self) {
      try await connection.query("SELECT 1")
    }
    // in_failed_sql_transaction
    #expect(refused?.sqlState == "25P02")
    await connection.rollBackTransaction()
    #expect(try await connection.value("SELECT count(*) FROM t") == "0")
    await connection.close()
  }
}
