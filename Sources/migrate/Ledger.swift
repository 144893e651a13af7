internal import Postgres

/// `migrate.ledger` as far as it decides what is to be done. Rows are only ever added; what holds is what
/// they come to, one after the other.
struct Ledger: Sendable {
  /// What is applied of the versioned files, by number.
  var versioned: AppliedFiles
  /// What was applied last of a repeatable file, by path.
  var repeatable: [String: Entry] = [:]
  /// Files without a transaction that have begun and not ended, by number.
  var partial: [Int: Partial] = [:]
  /// The last row's number; 0: there is none.
  var lastEntry = 0

  /// - Parameters:
  ///   - files: The versioned files at hand, by number: what they are equal to is not kept twice.
  ///   - only: The only number whose file will be asked for; `nil`: any may be.
  init(files: VersionedFiles = VersionedFiles(), keeping only: Int? = nil) {
    versioned = AppliedFiles(files: files, keeping: only)
  }

  struct Entry: Sendable, Equatable {
    var path: String
    var hash: Hash
    /// Of its bytes.
    var rawHash: Hash?
    /// `nil`: recorded by a version of the tool that had none.
    var codeHash: Hash?

    /// How a file differs from what was applied.
    enum Difference: Sendable {
      /// In nothing that counts.
      case none
      case comments, code
    }

    /// - Parameter codeHashes: SHA-256 of a file without comments and white space, as it is and with other
    ///   line ends; none: it cannot be read. Asked for a file that differs.
    func difference(
      from file: FileText, _ codeHashes: (FileText) throws -> [Hash]
    ) rethrows -> Difference {
      guard hash == file.hash else {
        guard let codeHash else { return .code }
        return try codeHashes(file).contains(codeHash) ? .comments : .code
      }
      // White space at the end of a line does not count, unless it is data: in a string, or of COPY.
      guard let rawHash, rawHash != file.rawHash, let codeHash else { return .none }
      let now = try codeHashes(file)
      return now.isEmpty || now.contains(codeHash) ? .none : .code
    }
  }

  /// A file without a transaction that is applied in part.
  struct Partial: Sendable, Equatable {
    var path: String
    var hash: Hash
    /// How many of its statements are done.
    var done = 0
    /// How many it has.
    var statements: Int
    /// SHA-256 of those that are done.
    var doneHash: Hash?
    /// Why the next one was refused; `nil`: the runner ended at it.
    var failure: Failure?

    /// Whether nobody knows if the statement at hand is done: the runner ended at it, and it is none that
    /// shares a transaction with its row.
    /// - Parameter script: The file as it is now; `nil`: it cannot be read. In one that was edited since, the
    ///   statement may be another one.
    func isInDoubt(_ script: FileScript?) -> Bool {
      guard failure == nil, done < statements else { return false }
      guard let script, script.source.hash == hash, done < script.steps.count else { return true }
      return !StepMode.isTold(script.steps[done])
    }

    /// What is true of the file, as a line.
    func now(_ file: MigrationFile) -> String {
      let isInDoubt = isInDoubt(try? FileScript(file, variables: [:]))
      return StepwiseReport(
        file: file, done: done, statements: statements, doubt: isInDoubt ? .statement : .none
      ).now
    }

    /// - Throws: `MigrateFailure` of code `history` if the statements that are done are not those that stand
    ///   in the file now.
    func check(_ script: FileScript) throws {
      guard done > 0 else { return }
      guard done <= script.steps.count, Hash(FileScript.hash(script.steps[..<done])) == doneHash
      else {
        throw MigrateFailure(
          code: .history,
          message: done == 1
            ? "\(path): its first statement is done, and was edited since"
            : "\(path): its first \(done) statements are done, and were edited since",
          lines: [
            now(script.file), "HINT: bring them back as they ran; what follows them may be mended.",
          ])
      }
    }
  }

  struct Failure: Sendable, Equatable {
    var message: String
    var sqlState: String?
    /// Whether it was not the next one, but the last that is done: it did what could not be taken back, and
    /// what no file may.
    var isBehind = false
  }

  /// A row, as far as it matters here.
  struct Row: Sendable, Equatable {
    var entry: Int
    var event: LedgerEvent
    var version: Int?
    var path: String
    var hash: Hash
    var rawHash: Hash?
    var codeHash: Hash?
    var statement: Int?
    var statements: Int?
    var error: String?
    var sqlState: String?
  }

  /// The highest number that is applied; 0: none.
  var newest: Int { versioned.newest }

  /// How what is applied under a number, at least in part, is called.
  func path(of number: Int) -> String? {
    versioned.path(of: number) ?? partial[number]?.path
  }

  /// What is applied of a file; `nil`: it is not, at least not as a whole.
  func state(of file: MigrationFile) -> AppliedFiles.State? {
    guard let number = file.version else { return repeatable[file.path].map { .other($0) } }
    return versioned[number]
  }

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
      versioned.add(entry, number: version)
      partial[version] = nil
    case .repaired:
      versioned.add(entry, number: version)
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
      let isBehind = partial[version].map { $0.done < row.statement ?? 0 } ?? false
      if isBehind {
        partial[version]?.done = row.statement ?? 0
        partial[version]?.doneHash = row.codeHash
      }
      partial[version]?.failure = Failure(
        message: row.error ?? "", sqlState: row.sqlState, isBehind: isBehind)
    case .pruned: break
    }
  }
}
