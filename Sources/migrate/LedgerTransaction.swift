internal import Postgres

/// A transaction that only writes down, or drops, and runs no file. A signal that comes before its COMMIT
/// rolls it back; of one that comes during it the server is asked how it went.
struct LedgerTransaction: Sendable {
  let connection: PostgresConnection
  /// What it writes, as the beginning of a sentence, like `the baseline`.
  let name: String
  /// What is true if it was rolled back, as a sentence.
  let nothing: String

  /// - Returns: When it is committed, whether or not a signal has come.
  /// - Throws: What `body` throws; `PostgresError`; `MigrateFailure` of code `interrupted`, with what is true.
  func run(_ body: @Sendable (PostgresConnection) async throws -> Void) async throws {
    let xid: String?
    do {
      xid =
        try await connection.execute("BEGIN; SELECT pg_catalog.pg_current_xact_id() AS xid")
        .last?.first?["xid"]
      try await body(connection)
    } catch {
      await connection.rollBackTransaction()
      guard error is CancellationError else { throw error }
      throw Self.stopped(nothing)
    }
    do {
      try await connection.commitTransaction()
    } catch {
      await connection.rollBackTransaction()
      guard error is CancellationError else { throw error }
      switch await TransactionOutcome.of(xid, connection) {
      case .committed: return
      case .rolledBack: throw Self.stopped(nothing)
      case .unknown:
        throw Self.stopped(
          "\(name) was being committed: all of it is there, or nothing. migrate history tells which."
        )
      }
    }
  }

  /// - Parameter now: What is true, as a sentence.
  static func stopped(_ now: String, hint: String = "run migrate again to go on") -> MigrateFailure
  {
    MigrateFailure(
      code: .interrupted, message: "stopped by a signal", lines: ["NOW: \(now)", "HINT: \(hint)."])
  }
}
