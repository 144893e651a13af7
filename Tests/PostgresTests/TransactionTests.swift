internal import Postgres
internal import TestSupport
internal import Testing

@Suite(.timeLimit(.minutes(2))) struct TransactionTests {
  private struct Failure: Error {}

  private func connect() async throws -> PostgresConnection {
    let connection = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: Stack.current.conninfo(database: "postgres")))
    try await connection.execute("CREATE TEMP TABLE t (a int)")
    return connection
  }

  @Test func whatSucceedsIsCommitted() async throws {
    let connection = try await connect()
    let inside = try await connection.transaction { connection in
      try await connection.query("INSERT INTO t VALUES (1)")
      return await connection.isInTransaction
    }
    #expect(inside)
    #expect(await !connection.isInTransaction)
    #expect(try await connection.value("SELECT count(*) FROM t") == "1")
    await connection.close()
  }

  @Test func whatThrowsIsRolledBack() async throws {
    let connection = try await connect()
    await #expect(throws: Failure.self) {
      try await connection.transaction { connection in
        try await connection.query("INSERT INTO t VALUES (1)")
        throw Failure()
      }
    }
    #expect(await !connection.isInTransaction)
    #expect(try await connection.value("SELECT count(*) FROM t") == "0")
    await connection.close()
  }

  @Test func anErrorThatIsPassedOverIsNoSuccess() async throws {
    let connection = try await connect()
    let state = await sqlState {
      try await connection.transaction { connection in
        try await connection.query("INSERT INTO t VALUES (1)")
        _ = try? await connection.query("SELECT 1 / 0")
      }
    }
    #expect(state == "25P02")
    #expect(await !connection.isInTransaction)
    #expect(try await connection.value("SELECT count(*) FROM t") == "0")
    await connection.close()
  }

  @Test func anErrorAtCommitIsThrown() async throws {
    let connection = try await connect()
    try await connection.execute(
      "CREATE TEMP TABLE u (a int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO u VALUES (1)")
    let state = await sqlState {
      try await connection.transaction { _ = try await $0.query("INSERT INTO u VALUES (1)") }
    }
    #expect(state == "23505")
    #expect(await !connection.isInTransaction)
    await connection.close()
  }

  @Test func aCancelledTaskIsRolledBack() async throws {
    let connection = try await connect()
    let task = Task {
      try await connection.transaction { connection in
        try await connection.query("INSERT INTO t VALUES (1)")
        try await connection.query("SELECT pg_sleep(60)")
      }
    }
    try await eventually { await connection.isInTransaction }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(await !connection.isInTransaction)
    #expect(try await connection.value("SELECT count(*) FROM t") == "0")
    await connection.close()
  }

  @Test func cancellationAtAnyMomentLeavesNoTransactionOpen() async throws {
    let connection = try await connect()
    for round in 0..<100 {
      let task = Task {
        try await connection.transaction { try await $0.query("INSERT INTO t VALUES (1)") }
      }
      try await Task.sleep(for: .microseconds(round * 20))
      task.cancel()
      _ = await task.result
      #expect(await !connection.isInTransaction)
      #expect(await connection.isUsable)
    }
    await connection.close()
  }

  @Test func aLostConnectionIsNotHiddenByTheRollback() async throws {
    let connection = try await connect()
    let state = await sqlState {
      try await connection.transaction { connection in
        _ = try await connection.query("SELECT pg_terminate_backend(pg_backend_pid())")
      }
    }
    #expect(state == "57P01")
    await connection.close()
  }
}
