internal import Postgres

extension Ledger {
  /// Reads the ledger; an empty one if there is none yet. Also one of an earlier version of the tool.
  /// - Throws: `MigrateFailure` of code `history` if it is not to be trusted.
  static func read(_ connection: PostgresConnection) async throws -> Ledger {
    var ledger = Ledger()
    let state = try await LedgerState.read(connection)
    try state.check()
    guard state.exists else { return ledger }
    // A row of the first version tells of an applied file.
    let more =
      state.isCurrent
      ? "event, code_hash, statement, statements, error, sqlstate"
      : "'applied' AS event, NULL AS code_hash, NULL AS statement, NULL AS statements, NULL AS error, NULL AS sqlstate"
    let rows = try await connection.query(
      "SELECT entry_id, version, path, hash, raw_hash, \(more) FROM migrate.ledger ORDER BY entry_id"
    )
    for row in rows {
      let event = try row.decode("event", as: String.self)
      guard let event = LedgerEvent(rawValue: event) else {
        throw MigrateFailure(
          code: .history,
          message: "migrate.ledger has an event \(event), which this version does not know",
          lines: ["HINT: use the version of migrate that wrote it, or a later one."])
      }
      ledger.add(
        Row(
          entry: try row.decode("entry_id", as: Int.self), event: event,
          version: row["version"].flatMap { Int($0) },
          path: try row.decode("path", as: String.self),
          hash: try row.decode("hash", as: String.self), rawHash: row["raw_hash"],
          codeHash: row["code_hash"],
          statement: row["statement"].flatMap { Int($0) },
          statements: row["statements"].flatMap { Int($0) }, error: row["error"],
          sqlState: row["sqlstate"]))
    }
    return ledger
  }
}
