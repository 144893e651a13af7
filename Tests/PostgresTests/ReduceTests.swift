internal import Postgres
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
}
