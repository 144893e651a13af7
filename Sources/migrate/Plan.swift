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
  ///   - codeHash: SHA-256 of a file without comments and white space; asked for files that differ.
  ///   - limit: The last number that is to be applied, and then no repeatable file; `nil`: everything.
  /// - Throws: `MigrateFailure` of code `history` if an applied file was edited or has gone, or if one with
  ///   a lower number than an applied one is new; of code `newer` if the database has a higher number than
  ///   the files.
  init(
    files: MigrationFiles, ledger: Ledger, upTo limit: Int? = nil,
    codeHash: (MigrationFile) throws -> String? = { _ in nil }
  ) throws {
    try Self.checkNumbers(files, ledger)
    let newest = ledger.newest
    for file in files.versioned {
      guard let number = file.version else { continue }
      guard let applied = ledger.versioned[number] else {
        if let limit, number > limit { continue }
        try Self.checkOrder(file, number, ledger.versioned[newest]?.path, newest)
        // What has begun is ended first.
        if let partial = ledger.partial[number] {
          versioned.insert(file, at: self.partial.count)
          self.partial[number] = partial
        } else {
          versioned.append(file)
        }
        continue
      }
      guard applied.hash == file.hash, applied.path == file.path else {
        if applied.path == file.path, let code = applied.codeHash, code == (try codeHash(file)) {
          touched.append(file)
          continue
        }
        throw Self.edited(file, applied)
      }
    }
    guard limit == nil else { return }
    repeatable = files.repeatable.filter { ledger.repeatable[$0.path]?.hash != $0.hash }
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

  private static func checkOrder(
    _ file: MigrationFile, _ number: Int, _ last: String?, _ newest: Int
  ) throws {
    guard number < newest, !file.headers.isOutOfOrderOK, let last else { return }
    throw MigrateFailure(
      code: .history, message: "\(file.path) is new, and \(last) is applied already",
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
