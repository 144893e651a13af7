/// What is to be done, from the files and the ledger alone.
struct Plan: Sendable, Equatable {
  /// Versioned files that were not applied yet, in order.
  var versioned: [MigrationFile] = []
  /// Repeatable files that are new or changed, in order.
  var repeatable: [MigrationFile] = []
  /// What is applied in part, by number. Such files come first.
  var partial: [Int: Ledger.Partial] = [:]
  /// Applied files that differ from what was applied in comments and white space only.
  var touched: [MigrationFile] = []

  var isEmpty: Bool { versioned.isEmpty && repeatable.isEmpty }
  var files: [MigrationFile] { versioned + repeatable }

  /// - Parameters:
  ///   - codeHashes: SHA-256 of a file without comments and white space, as it is and with other line ends;
  ///     none: it cannot be read. Asked for files that differ.
  ///   - limit: The last number that is to be applied, and then no repeatable file; `nil`: everything.
  /// - Throws: `MigrateFailure` of code `history` if an applied file was edited or has gone, or if one with
  ///   a lower number than an applied one is new; of code `newer` if the database has a higher number than
  ///   the files.
  init(
    files: MigrationFiles, ledger: Ledger, upTo limit: Int? = nil,
    codeHashes: (MigrationFile) throws -> [String] = { _ in [] }
  ) throws {
    try Self.checkNumbers(files, ledger)
    for file in files.versioned {
      guard let number = file.version else { continue }
      guard let applied = ledger.versioned[number] else {
        // What has begun is ended first, whatever the limit is.
        if let partial = ledger.partial[number] {
          try Self.checkHeader(file)
          versioned.insert(file, at: self.partial.count)
          self.partial[number] = partial
        } else if limit.map({ number <= $0 }) ?? true {
          try Self.checkOrder(file, number, ledger)
          versioned.append(file)
        }
        continue
      }
      guard applied.path == file.path else { throw Self.edited(file, applied) }
      if try Self.isSame(file, applied, codeHashes) { continue }
      guard applied.hash != file.hash, let code = applied.codeHash,
        try codeHashes(file).contains(code)
      else { throw Self.edited(file, applied) }
      touched.append(file)
    }
    guard limit == nil else { return }
    repeatable = try files.repeatable.filter { file in
      guard let applied = ledger.repeatable[file.path] else { return true }
      return try !Self.isSame(file, applied, codeHashes)
    }
  }

  /// White space at the end of a line does not count, unless it is data: in a string, or of COPY.
  private static func isSame(
    _ file: MigrationFile, _ applied: Ledger.Entry,
    _ codeHashes: (MigrationFile) throws -> [String]
  ) throws -> Bool {
    guard applied.hash == file.hash else { return false }
    guard let raw = applied.rawHash, raw != file.rawHash, let code = applied.codeHash else {
      return true
    }
    let now = try codeHashes(file)
    return now.isEmpty || now.contains(code)
  }

  private static func checkNumbers(_ files: MigrationFiles, _ ledger: Ledger) throws {
    let numbers = Set(files.versioned.compactMap(\.version))
    let gone = (Array(ledger.versioned.keys) + ledger.partial.keys).filter { !numbers.contains($0) }
    guard let newest = gone.max() else { return }
    let path = ledger.versioned[newest]?.path ?? ledger.partial[newest]?.path ?? ""
    guard newest < numbers.max() ?? 0 else {
      throw MigrateFailure(
        code: .newer, message: "the database is newer than the files: it has \(path)",
        lines: [
          "HINT: check out the version of the files that the database was migrated with, or a later one."
        ])
    }
    throw MigrateFailure(
      code: .history, message: "\(path) was applied, and is not among the files",
      lines: ["HINT: bring the file back as it was applied."])
  }

  /// The statements of a file that is applied in part must go on one by one.
  private static func checkHeader(_ file: MigrationFile) throws {
    guard file.headers.isTransactional else { return }
    throw MigrateFailure(
      code: .history,
      message: "\(file.path) is applied in part, and no longer says no-transaction",
      lines: [
        "HINT: bring the line \(Headers.prefix) no-transaction back at its top: its statements that are done would run again."
      ])
  }

  private static func checkOrder(_ file: MigrationFile, _ number: Int, _ ledger: Ledger) throws {
    let newest = max(ledger.newest, ledger.partial.keys.max() ?? 0)
    guard number < newest, !file.headers.isOutOfOrderOK else { return }
    let last =
      ledger.versioned[newest].map { "\($0.path) is applied already" }
      ?? "\(ledger.partial[newest]?.path ?? "") is applied in part already"
    throw MigrateFailure(
      code: .history, message: "\(file.path) is new, and \(last)",
      lines: [
        "HINT: migrate renumber \(file.path) puts it behind; if it may run later than its number says, write \(Headers.prefix) out-of-order-ok at its top."
      ])
  }

  private static func edited(_ file: MigrationFile, _ applied: Ledger.Entry) -> MigrateFailure {
    MigrateFailure(
      code: .history,
      message: applied.path == file.path
        ? "\(file.path) was edited after it was applied"
        : "\(file.path) was applied as \(applied.path)",
      lines: [
        "applied: sha256 \(applied.hash)", "file:    sha256 \(file.hash)",
        "HINT: restore the file as it was applied, and put the change into a new one; or record that it does the same: migrate repair \(file.path) --reason '…'.",
      ])
  }
}
