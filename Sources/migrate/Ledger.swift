internal import Postgres

/// `migrate.ledger` as far as it decides what is to be done. Rows are only ever added; what holds is what
/// they come to, one after the other.
struct Ledger: Sendable, Equatable {
  /// What is applied of the versioned files, by number.
  var versioned: [Int: Entry] = [:]
  /// What was applied last of a repeatable file, by path.
  var repeatable: [String: Entry] = [:]
  /// Files without a transaction that have begun and not ended, by number.
  var partial: [Int: Partial] = [:]
  /// The last row's number; 0: there is none.
  var lastEntry = 0

  struct Entry: Sendable, Equatable {
    var path: String
    var hash: String
    /// Of its bytes.
    var rawHash: String?
    /// `nil`: recorded by a version of the tool that had none.
    var codeHash: String?

    /// Whether a file does what was applied: comments and white space may differ.
    func isSame(as file: MigrationFile, _ script: FileScript) -> Bool {
      hash == file.hash || file.version != nil && codeHash == script.codeHash
    }
  }

  /// A file without a transaction that is applied in part.
  struct Partial: Sendable, Equatable {
    var path: String
    var hash: String
    /// How many of its statements are done.
    var done = 0
    /// How many it has.
    var statements: Int
    /// SHA-256 of those that are done.
    var doneHash: String?
    /// Why the next one was refused; `nil`: the runner ended in its middle, and it may be done.
    var failure: Failure?

    /// - Throws: `MigrateFailure` of code `history` if the statements that are done are not those that stand
    ///   in the file now.
    func check(_ script: FileScript) throws {
      guard done > 0 else { return }
      guard done <= script.steps.count, FileScript.hash(script.steps[..<done]) == doneHash else {
        throw MigrateFailure(
          code: .history,
          message: "\(path): its first \(done) statements are done, and were edited since",
          lines: ["HINT: bring them back as they ran; what follows them may be mended."])
      }
    }
  }

  struct Failure: Sendable, Equatable {
    var message: String
    var sqlState: String?
  }

  /// A row, as far as it matters here.
  struct Row: Sendable, Equatable {
    var entry: Int
    var event: LedgerEvent
    var version: Int?
    var path: String
    var hash: String
    var rawHash: String?
    var codeHash: String?
    var statement: Int?
    var statements: Int?
    var error: String?
    var sqlState: String?
  }

  /// The highest number that is applied; 0: none.
  var newest: Int { versioned.keys.max() ?? 0 }

  mutating func add(_ row: Row) {
    lastEntry = max(lastEntry, row.entry)
    let entry = Entry(
      path: row.path, hash: row.hash, rawHash: row.rawHash, codeHash: row.codeHash)
    guard let version = row.version else {
      switch row.event {
      case .applied, .baselined, .repaired: repeatable[row.path] = entry
      // Of a file that had gone by then, which has no hash; else of what the file no longer makes.
      case .pruned where row.hash.isEmpty: repeatable[row.path] = nil
      case .pruned: break
      case .started, .resumed, .progressed, .failed: break
      }
      return
    }
    switch row.event {
    case .applied, .baselined:
      versioned[version] = entry
      partial[version] = nil
    case .repaired:
      versioned[version] = entry
    case .started:
      partial[version] = Partial(
        path: row.path, hash: row.hash, statements: row.statements ?? 0)
    case .resumed:
      partial[version]?.hash = row.hash
      partial[version]?.path = row.path
      partial[version]?.statements = row.statements ?? 0
      partial[version]?.failure = nil
    case .progressed:
      partial[version]?.done = row.statement ?? 0
      partial[version]?.doneHash = row.codeHash
      partial[version]?.failure = nil
    case .failed:
      partial[version]?.failure = Failure(message: row.error ?? "", sqlState: row.sqlState)
    case .pruned: break
    }
  }
}
