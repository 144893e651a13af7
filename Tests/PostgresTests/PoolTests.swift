internal import Postgres
internal import TestSupport
internal import Testing

@Suite(.timeLimit(.minutes(1))) struct PoolTests {
  private func pool(_ size: Int) -> PostgresPool {
    PostgresPool(
      configuration: PostgresConfiguration(conninfo: Stack.current.conninfo(database: "postgres")),
      size: size)
  }

  @Test func connectionsAreUsedAgain() async throws {
    let pool = pool(2)
    var pids: Set<String> = []
    for _ in 0..<6 {
      let pid = try await pool.withConnection { try await $0.value("SELECT pg_backend_pid()") }
      pids.insert(pid!)
    }
    #expect(pids.count == 1)
    await pool.close()
  }

  @Test func noMoreThanItsSizeAreOpen() async throws {
    let pool = pool(2)
    let pids = try await withThrowingTaskGroup(of: String?.self) { group in
      for _ in 0..<12 {
        group.addTask {
          try await pool.withConnection {
            try await $0.query("SELECT pg_sleep(0.02)")
            return try await $0.value("SELECT pg_backend_pid()")
          }
        }
      }
      return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
    }
    #expect(pids.count <= 2)
    await pool.close()
  }

  @Test func aBrokenConnectionIsReplaced() async throws {
    let pool = pool(1)
    _ = try? await pool.withConnection {
      try await $0.query("SELECT pg_terminate_backend(pg_backend_pid())")
    }
    let value = try await pool.withConnection { try await $0.value("SELECT 1") }
    #expect(value == "1")
    await pool.close()
  }

  @Test func anOpenTransactionIsNotHandedOn() async throws {
    let pool = pool(1)
    try await pool.withConnection {
      _ = try await $0.execute("BEGIN; CREATE TEMPORARY TABLE left_over ()")
    }
    let isThere = try await pool.withConnection {
      try await $0.value("SELECT to_regclass('left_over')")
    }
    #expect(isThere == nil)
    await pool.close()
  }

  @Test func aClosedPoolLendsNothing() async throws {
    let pool = pool(1)
    await pool.close()
    await #expect(throws: PostgresError.self) {
      try await pool.withConnection { _ = try await $0.query("SELECT 1") }
    }
  }
}
