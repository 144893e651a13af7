/// What is to be done, from the files and the ledger alone.
struct Plan: Sendable {
  /// Versioned files that were not applied yet, in order.
  var versioned = VersionedFiles()
  /// Repeatable files that are new or changed, in order.
  var repeatable: [MigrationFile] = []
  /// What is applied in part, by number. Such files come first.
  var partial: [Int: Ledger.Partial] = [:]
  /// Whether repeatable files were ever applied: what they have made may be stale.
  var hasApplied = false
  /// Applied files that differ from what was applied in comments and white space only.
  var touched: [MigrationFile] = []

  var isEmpty: Bool { versioned.isEmpty && repeatable.isEmpty }
  var files: some Sequence<MigrationFile> {
    [AnySequence(versioned), AnySequence(repeatable)].joined()
  }

  /// - Parameters:
  ///   - codeHashes: SHA-256 of a file without comments and white space, as it is and with other line ends;
  ///     none: it cannot be read. Asked for files that differ.
  ///   - limit: The last number that is to be applied, and then no repeatable file; `nil`: everything.
  /// - Throws: `MigrateFailure` of code `history` if an applied file was edited or has gone, or if one with
  ///   a lower number than an applied one is new; of code `newer` if the database has a higher number than
  ///   the files.
  init(
    files: MigrationFiles, ledger: Ledger, upTo limit: Int? = nil,
    codeHashes: (FileText) throws -> [Hash] = { _ in [] }
  ) throws {
    try Self.checkNumbers(files, ledger)
    var begun: [Int] = []
    var pending: [Int] = []
    for index in files.versioned.indices {
      let number = files.versioned.number(at: index)
      switch ledger.versioned[number] {
      case .same: continue
      case .other(let applied):
        let file = try files.versioned[index].read()
        guard applied.path == file.file.path else { throw Self.edited(file, applied) }
        switch try applied.difference(from: file, codeHashes) {
        case .none: continue
        case .comments: touched.append(file.file)
        case .code: throw Self.edited(file, applied)
        }
      case nil:
        // What has begun is ended first, whatever the limit is.
        if let partial = ledger.partial[number] {
          try Self.checkHeader(files.versioned[index], partial)
          begun.append(index)
          self.partial[number] = partial
        } else if limit.map({ number <= $0 }) ?? true {
          try Self.checkOrder(files.versioned[index], number, ledger)
          pending.append(index)
        }
      }
    }
    versioned = files.versioned.selecting(begun + pending)
    hasApplied = !ledger.repeatable.isEmpty
    guard limit == nil else { return }
    repeatable = try files.repeatable.filter { file in
      guard let applied = ledger.repeatable[file.path] else { return true }
      return try applied.difference(from: file.read(), codeHashes) != .none
    }
  }

  /// - Throws: `MigrateFailure` of code `newer`.
  static func checkNewer(_ files: MigrationFiles, _ ledger: Ledger) throws {
    guard let newest = missing(in: files, ledger), newest > files.versioned.last?.version ?? 0
    else { return }
    throw MigrateFailure(
      code: .newer,
      message: "the database is newer than the files: it has \(ledger.path(of: newest) ?? "")",
      lines: [
        "HINT: check out the version of the files that the database was migrated with, or a later one."
      ])
  }

  /// The highest number that the database has and the files have not.
  private static func missing(in files: MigrationFiles, _ ledger: Ledger) -> Int? {
    let numbers = Array(ledger.versioned.others.keys) + ledger.partial.keys
    return numbers.filter { files.versioned.index(of: $0) == nil }.max()
  }

  private static func checkNumbers(_ files: MigrationFiles, _ ledger: Ledger) throws {
    try checkNewer(files, ledger)
    guard let newest = missing(in: files, ledger) else { return }
    let path = ledger.path(of: newest) ?? ""
    throw MigrateFailure(
      code: .history, message: "\(path) was applied, and is not among the files",
      lines: ["HINT: bring the file back as it was applied."])
  }

  /// The statements of a file that is applied in part must go on one by one.
  private static func checkHeader(_ file: MigrationFile, _ partial: Ledger.Partial) throws {
    guard try file.read().headers.isTransactional else { return }
    throw MigrateFailure(
      code: .history,
      message: "\(file.path) is applied in part, and no longer says no-transaction",
      lines: [
        partial.now(file),
        "HINT: bring the line \(Headers.prefix) no-transaction back at its top: its statements that are done would run again.",
      ])
  }

  private static func checkOrder(_ file: MigrationFile, _ number: Int, _ ledger: Ledger) throws {
    let newest = max(ledger.newest, ledger.partial.keys.max() ?? 0)
    guard number < newest, try !file.read().headers.isOutOfOrderOK else { return }
    let last =
      ledger.versioned.path(of: newest).map { "\($0) is applied already" }
      ?? "\(ledger.path(of: newest) ?? "") is applied in part already"
    throw MigrateFailure(
      code: .history, message: "\(file.path) is new, and \(last)",
      lines: [
        "HINT: migrate renumber \(file.path) puts it behind; if it may run later than its number says, write \(Headers.prefix) out-of-order-ok at its top."
      ])
  }

  private static func edited(_ file: FileText, _ applied: Ledger.Entry) -> MigrateFailure {
    let path = file.file.path
    let isRenamed = applied.path != path
    let lines: [String]
    if applied.hash != file.hash {
      lines = ["applied: sha256 \(applied.hash)", "file:    sha256 \(file.hash)"]
    } else if isRenamed {
      lines = []
    } else {
      lines = [
        "applied: sha256 \(applied.rawHash.map { "\($0)" } ?? "") of the bytes",
        "file:    sha256 \(file.rawHash) of the bytes",
        "White space at the end of a line was edited, in a string or among COPY's data, where it counts.",
      ]
    }
    let mend =
      isRenamed && applied.hash == file.hash
      ? "give the file its name back"
      : "restore the file as it was applied, and put the change into a new one"
    return MigrateFailure(
      code: .history,
      message: isRenamed
        ? "\(path) was applied as \(applied.path)"
        : "\(path) was edited after it was applied",
      lines: lines + [
        "HINT: \(mend); or record that it does the same: migrate repair \(path) --reason '…'."
      ])
  }
}
