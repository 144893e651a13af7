/// What is to be done, from the files and the ledger alone.
struct Plan: Sendable, Equatable {
  /// Versioned files that were not applied yet, in order.
  var versioned: [MigrationFile] = []
  /// Repeatable files that are new or changed, in order.
  var repeatable: [MigrationFile] = []

  var isEmpty: Bool { versioned.isEmpty && repeatable.isEmpty }

  /// - Throws: `MigrateFailure` of code `history` if an applied file was edited, of code `newer` if the
  ///   database has a number that no file has.
  init(files: MigrationFiles, ledger: Ledger) throws {
    let numbers = Set(files.versioned.indices.map { $0 + 1 })
    if let newest = ledger.versioned.keys.filter({ !numbers.contains($0) }).max() {
      throw MigrateFailure(
        code: .newer,
        message: "the database is newer than the files: it has \(ledger.versioned[newest]!.path)",
        lines: [
          "HINT: check out the version of the files that the database was migrated with, or a later one."
        ])
    }
    for file in files.versioned {
      guard case .versioned(let number) = file.kind else { continue }
      guard let applied = ledger.versioned[number] else {
        versioned.append(file)
        continue
      }
      guard applied.hash == file.hash, applied.path == file.path else {
        throw MigrateFailure(
          code: .history,
          message: applied.path == file.path
            ? "\(file.path) was edited after it was applied"
            : "\(file.path) was applied as \(applied.path)",
          lines: [
            "applied: sha256 \(applied.hash)", "file:    sha256 \(file.hash)",
            "HINT: restore the file as it was applied, and put the change into a new one.",
          ])
      }
    }
    repeatable = files.repeatable.filter { ledger.repeatable[$0.path] != $0.hash }
  }
}
