internal import Postgres
internal import TestSupport
internal import Testing

@Suite(.timeLimit(.minutes(2))) struct PoolTests {
  private struct Failure: Error {}

  private func pool(
    _ size: Int, patience: Duration = .milliseconds(20), name: String = "pool"
  ) -> PostgresPool {
    PostgresPool(
      configuration: PostgresConfiguration(
        conninfo: Stack.current.conninfo(database: "postgres"),
        overrides: ["application_name": name]), size: size, patience: patience)
  }

  /// How many connections thirty borrowers get, each with a short statement.
  private func connections(ofThirty pool: PostgresPool) async throws -> Int {
    let pids = Collected<Int32>()
    try await withThrowingTaskGroup { group in
      for _ in 0..<30 {
        group.addTask {
          try await pool.withConnection { connection in
            pids.add(await connection.backendPID)
            try await connection.query("SELECT pg_sleep(0.01)")
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(pids.all.count == 30)
    return Set(pids.all).count
  }

  @Test func noMoreConnectionsThanItsSize() async throws {
    let pool = pool(3, name: "pool of three")
    #expect((1...3).contains(try await connections(ofThirty: pool)))
    await pool.close()
  }

  @Test func aBurstOfShortStatementsSharesAFew() async throws {
    let pool = pool(30, patience: .seconds(60))
    #expect((1...4).contains(try await connections(ofThirty: pool)))
    await pool.close()
  }

  @Test func whoWaitsForLongGetsAnother() async throws {
    let pool = pool(6, patience: .milliseconds(1))
    let pids = Collected<Int32>()
    // Each holds its connection until all have one.
    try await withThrowingTaskGroup { group in
      for _ in 0..<6 {
        group.addTask {
          try await pool.withConnection {
            pids.add(await $0.backendPID)
            try await eventually { pids.all.count == 6 }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(Set(pids.all).count == 6)
    await pool.close()
  }

  @Test func connectionsAreUsedAgain() async throws {
    let pool = pool(2)
    var pids: Set<Int32> = []
    for _ in 0..<6 { pids.insert(try await pool.withConnection { await $0.backendPID }) }
    #expect(pids.count == 1)
    await pool.close()
  }

  @Test func oneThatBrokeInUseIsReplaced() async throws {
    let pool = pool(1)
    let state = await sqlState {
      try await pool.withConnection {
        _ = try await $0.query("SELECT pg_terminate_backend(pg_backend_pid())")
      }
    }
    #expect(state == "57P01")
    #expect(try await pool.withConnection { try await $0.value("SELECT 1") } == "1")
    await pool.close()
  }

  @Test func aClosedPoolLendsNothing() async throws {
    let pool = pool(1)
    await pool.close()
    await #expect(throws: PostgresError.self) {
      try await pool.withConnection { _ = try await $0.query("SELECT 1") }
    }
  }

  @Test func oneWithAnOpenTransactionIsNotLentAgain() async throws {
    let pool = pool(1)
    let first = try await pool.withConnection { connection in
      try await connection.query("BEGIN")
      return await connection.backendPID
    }
    let second = try await pool.withConnection { connection in
      #expect(await !connection.isInTransaction)
      return await connection.backendPID
    }
    #expect(first != second)
    await pool.close()
  }

  @Test func aBodyThatThrowsGivesItsConnectionBack() async throws {
    let pool = pool(1)
    for _ in 0..<3 {
      await #expect(throws: Failure.self) { try await pool.withConnection { _ in throw Failure() } }
    }
    #expect(try await pool.withConnection { try await $0.value("SELECT 1") } == "1")
    await pool.close()
  }

  @Test func oneThatWasLostMeanwhileIsReplaced() async throws {
    let pool = pool(1)
    let pid = try await pool.withConnection { await $0.backendPID }
    let other = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: Stack.current.conninfo(database: "postgres")))
    try await other.query("SELECT pg_terminate_backend($1, 10000)", [.int(Int64(pid))])
    #expect(try await pool.withConnection { try await $0.value("SELECT 1") } == "1")
    await pool.close()
    await other.close()
  }

  @Test func waitingForAConnectionCanBeCancelled() async throws {
    let pool = pool(1)
    try await pool.withConnection { _ in
      let task = Task { try await pool.withConnection { await $0.backendPID } }
      try await Task.sleep(for: .milliseconds(50))
      task.cancel()
      await #expect(throws: CancellationError.self) { _ = try await task.value }
    }
    #expect(try await pool.withConnection { try await $0.value("SELECT 1") } == "1")
    await pool.close()
  }

  @Test func closingClosesTheConnections() async throws {
    let pool = pool(2, name: "pool to be closed")
    try await pool.withConnection { outer in
      try await pool.withConnection { _ = try await $0.value("SELECT 1") }
      _ = try await outer.value("SELECT 1")
      await pool.close()
    }
    let other = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: Stack.current.conninfo(database: "postgres")))
    try await eventually {
      try await other.value(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pool to be closed'") == "0"
    }
    await other.close()
  }
}
