internal import TestSupport
internal import Testing

@testable internal import Postgres

@Suite(.timeLimit(.minutes(2))) struct PreparedStatementTests {
  @Test func whatIsUsedTwiceIsPrepared() {
    var cache = StatementCache(capacity: 2)
    #expect(cache.plan(for: "a") == .unprepared)
    #expect(cache.plan(for: "a") == .prepare(name: "s1", evict: nil))
    cache.add("a", name: "s1")
    #expect(cache.plan(for: "a") == .prepared(name: "s1"))
  }

  @Test func theOneNotUsedForLongestMakesRoom() {
    var cache = StatementCache(capacity: 2)
    for (sql, name) in [("a", "s1"), ("b", "s2")] {
      _ = cache.plan(for: sql)
      _ = cache.plan(for: sql)
      cache.add(sql, name: name)
    }
    _ = cache.plan(for: "a")
    _ = cache.plan(for: "c")
    #expect(cache.plan(for: "c") == .prepare(name: "s3", evict: "s2"))
    cache.add("c", name: "s3")
    #expect(cache.plan(for: "a") == .prepared(name: "s1"))
    cache.forget("a")
    #expect(cache.plan(for: "a") == .unprepared)
  }

  @Test func theServerHasPreparedIt() async throws {
    let connection = try await connect()
    for number in 1...5 {
      #expect(
        try await connection.value("SELECT $1::int + 1", [.int(Int64(number))]) == "\(number + 1)")
    }
    #expect(
      try await connection.value(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::int + 1'")
        == "1")
    await connection.close()
  }

  @Test func theServerKeepsNoMoreThanTheCache() async throws {
    let connection = try await connect()
    for round in 0..<3 {
      for number in 0..<70 {
        #expect(try await connection.value("SELECT \(number)") == "\(number)", "\(round)")
      }
      for _ in 0..<3 { try await connection.query("SELECT 'often'") }
    }
    let count = try await connection.value("SELECT count(*) FROM pg_prepared_statements")
    #expect((1...64).contains(Int(count!)!))
    await connection.close()
  }

  @Test func aTableThatChangesIsNoError() async throws {
    let connection = try await connect()
    try await connection.execute("CREATE TEMP TABLE t AS SELECT 1 AS a")
    for _ in 0..<3 { #expect(try await connection.query("SELECT * FROM t").columnNames == ["a"]) }
    try await connection.execute("ALTER TABLE t ADD b int")
    for _ in 0..<4 {
      #expect(try await connection.query("SELECT * FROM t").columnNames == ["a", "b"])
    }
    try await connection.execute("DISCARD PLANS; DEALLOCATE ALL")
    for _ in 0..<4 { #expect(try await connection.query("SELECT * FROM t").count == 1) }
    await connection.close()
  }

  @Test func aFailedStatementIsNotKept() async throws {
    let connection = try await connect()
    for _ in 0..<3 {
      let state = await sqlState { try await connection.query("SELECT a FROM later") }
      #expect(state == "42P01")
    }
    try await connection.execute("CREATE TEMP TABLE later AS SELECT 1 AS a")
    for _ in 0..<3 { #expect(try await connection.value("SELECT a FROM later") == "1") }
    await connection.close()
  }

  @Test func preparationCanBeSwitchedOff() async throws {
    var configuration = PostgresConfiguration(
      conninfo: Stack.current.conninfo(database: "postgres"))
    configuration.preparesStatements = false
    let connection = try await PostgresConnection.connect(configuration)
    for _ in 0..<3 {
      #expect(
        try await connection.value("SELECT count(*) FROM pg_prepared_statements") == "0")
    }
    await connection.close()
  }

  private func connect() async throws -> PostgresConnection {
    try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: Stack.current.conninfo(database: "postgres")))
  }
}
