internal import Postgres

/// How a transaction has ended whose COMMIT was not answered, or that a file may have ended itself.
enum TransactionOutcome: Sendable, Equatable {
  case committed, rolledBack
  /// The connection is of no use any more, or the server does not say.
  case unknown

  /// Asks the server; also in a task that was cancelled.
  /// - Parameter xid: The transaction; `nil` is unknown.
  static func of(_ xid: String?, _ connection: PostgresConnection) async -> TransactionOutcome {
    guard let xid, await connection.isUsable else { return .unknown }
    let status = await Task {
      try? await connection.query(
        "SELECT pg_catalog.pg_xact_status($1::pg_catalog.xid8) AS status", [.text(xid)])
    }.value
    return switch status?.first?["status"] {
    case "committed": .committed
    case "aborted": .rolledBack
    default: .unknown
    }
  }
}
