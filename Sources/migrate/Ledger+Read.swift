internal import Postgres

extension Ledger {
  /// Reads the ledger; an empty one if there is none yet. Also one of an earlier version of the tool.
  /// - Parameter files: The versioned files at hand, by number.
  /// - Throws: `MigrateFailure` of code `history` if it is not to be trusted.
  static func read(
    _ connection: PostgresConnection, files: [MigrationFile] = []
  ) async throws -> Ledger {
    var ledger = Ledger(files: files)
    let state = try await LedgerState.read(connection)
    try state.check()
    guard state.exists else { return ledger }
    // A row of the first version tells of an applied file.
    let more =
      state.isCurrent
      ? "event, code_hash, statement, statements, error, sqlstate"
      : "'applied' AS event, NULL AS code_hash, NULL AS statement, NULL AS statements, NULL AS error, NULL AS sqlstate"
    // In pages: of a long history only what it comes to is kept. Rows are added at its end only.
    var page: PostgresResult
    repeat {
      page = try await connection.query(
        """
        SELECT entry_id, version, path, hash, raw_hash, \(more) FROM migrate.ledger
        WHERE entry_id > $1 ORDER BY entry_id LIMIT \(pageSize)
        """, [.int(Int64(ledger.lastEntry))])
      for row in page { ledger.add(try Row(row)) }
    } while page.count == pageSize
    return ledger
  }

  private static let pageSize = 1000
}

extension Ledger.Row {
  /// A row as it is selected above.
  fileprivate init(_ row: PostgresRow) throws {
    let event = try row.decode("event", as: String.self)
    guard let event = LedgerEvent(rawValue: event) else {
      throw MigrateFailure(
        code: .history,
        message: "migrate.ledger has an event \(event), which this version does not know",
        lines: ["HINT: use the version of migrate that wrote it, or a later one."])
    }
    self.init(
      entry: try row.decode("entry_id", as: Int.self), event: event,
      version: row["version"].flatMap { Int($0) },
      path: try row.decode("path", as: String.self),
      hash: Hash(try row.decode("hash", as: String.self)),
      rawHash: row["raw_hash"].map { Hash($0) }, codeHash: row["code_hash"].map { Hash($0) },
      statement: row["statement"].flatMap { Int($0) },
      statements: row["statements"].flatMap { Int($0) }, error: row["error"],
      sqlState: row["sqlstate"])
  }
}
