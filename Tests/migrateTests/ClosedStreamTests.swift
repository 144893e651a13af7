internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Standard streams that are closed when the tool starts.
@Suite(.timeLimit(.minutes(3))) struct ClosedStreamTests {
  /// A connection would get the number of a stream that is closed, and what is printed would go to the server.
  @Test(arguments: [(">&-", 1), ("2>&-", 0), ("<&- >&- 2>&-", 1)])
  func aClosedStreamIsNoConnection(closed: String, status: Int) async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      let result = try await Tool.run(
        "/bin/sh",
        ["-c", "exec \"$0\" \"$@\" \(closed)", Tool.product("migrate")]
          + folder.arguments("up", database))
      #expect(Int(result.status) == status)
      #expect(
        result.error
          == (closed == ">&-"
            ? """
            migrate: error: cannot write to standard output: Bad file descriptor
            NOW: the command itself came to its end with exit code 0.

            """ : ""))
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT event FROM migrate.ledger") == "applied")
      await connection.close()
    }
  }
}
