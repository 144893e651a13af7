internal import Postgres

extension Ledger {
  /// Reads the ledger; an empty one if there is none yet. Also one of an earlier version of the tool.
  /// - Parameters:
  ///   - files: The versioned files at hand, by number.
  ///   - only: The only number whose file will be asked for; `nil`: any may be.
  /// - Throws: `MigrateFailure` of code `history` if it is not to be trusted.
  static func read(
    _ connection: PostgresConnection, files: VersionedFiles = VersionedFiles(),
    keeping only: Int? = nil
  ) async throws -> Ledger {
    let ledger = Ledger(files: files, keeping: only)
    let state = try await LedgerState.read(connection)
    try state.check()
    guard state.exists else { return ledger }
    // A row of the first version tells of an applied file.
    let more =
      state.isCurrent
      ? "event, code_hash, statement, statements, error, sqlstate"
      : "'applied' AS event, NULL AS code_hash, NULL AS statement, NULL AS statements, NULL AS error, NULL AS sqlstate"
    // One by one: of a long history only what it comes to is kept.
    return try await connection.reduce(
      into: ledger,
      """
      SELECT entry_id, version, path, hash, raw_hash, \(more) FROM migrate.ledger ORDER BY entry_id
      """
    ) { ledger, row in ledger.add(try Row(row)) }
  }
}

extension Ledger.Row {
  /// A row as it is selected above.
  fileprivate init(_ row: PostgresRow) throws {
    let event = row["event"] ?? ""
    guard let event = LedgerEvent(rawValue: event) else {
      throw MigrateFailure(
        code: .history,
        message: "migrate.ledger has an event \(event), which this version does not know",
        lines: ["HINT: use the version of migrate that wrote it, or a later one."])
    }
    self.init(
      entry: row["entry_id"].flatMap { Int($0) } ?? 0, event: event,
      version: row["version"].flatMap { Int($0) },
      path: row["path"] ?? "", hash: Hash(row["hash"] ?? ""),
      rawHash: row["raw_hash"].map { Hash($0) }, codeHash: row["code_hash"].map { Hash($0) })
    switch event {
    case .applied, .baselined, .repaired, .pruned: break
    case .started, .resumed, .progressed, .failed:
      statement = row["statement"].flatMap { Int($0) }
      statements = row["statements"].flatMap { Int($0) }
      error = row["error"]
      sqlState = row["sqlstate"]
    }
  }
}
