internal import SQLScript

/// What is true of a file without a transaction that did not come to its end, and what to type next.
struct StepwiseReport {
  /// What is not known, or not recorded, behind the statements that are done.
  enum Doubt {
    /// Nothing: it is not done.
    case none
    /// How much of it is done: it was refused, and has committed before.
    case part
    /// Whether its COMMIT has come through, which the ledger tells.
    case commit
    /// Whether it is done: it runs by itself, and nobody has seen how it went.
    case statement
    /// It is done, and its row in the ledger could not be written.
    case row
    /// It is done; whether its row was written, the ledger tells.
    case recording
    /// Nothing: the file has not begun.
    case unbegun
    /// Whether it is recorded that the file has begun, which the ledger tells; none of its statements has.
    case beginning
    /// Whether it is recorded that the file is applied, which the ledger tells.
    case end
  }

  let file: MigrationFile
  /// How many statements are done.
  let done: Int
  let statements: Int
  /// How many files were applied before.
  var before = 0
  var doubt = Doubt.none

  var now: String {
    let rest: String
    switch doubt {
    case .none: rest = ""
    case .part: rest = "; what statement \(done + 1) has committed before its error stays"
    case .commit: rest = "; statement \(done + 1) may be done or not. migrate status tells"
    case .statement: rest = "; statement \(done + 1) may be done or not"
    case .row: rest = "; so is statement \(done + 1), but that could not be recorded"
    case .recording:
      rest = "; so is statement \(done + 1), and whether that is recorded, migrate status tells"
    case .end: rest = "; whether it is recorded that it is applied, migrate status tells"
    case .unbegun: return "NOW: \(file.path) was not begun; \(Runner.before(before))."
    case .beginning:
      return
        "NOW: none of the statements of \(file.path) is done; whether it is recorded that it has begun, migrate status tells."
    }
    return
      "NOW: \(file.path) is applied in part: \(done) of \(statements) statements are done\(rest)."
  }

  static let resume = "migrate resume"

  static func leftByBuild(_ index: String) -> String {
    "The index \(index) is left INVALID: no query uses it, every write pays for it. \(resume) builds it anew."
  }

  /// - Parameter indexes: Their names, separated by commas.
  static func leftByReindex(_ indexes: String) -> String {
    "Left INVALID by REINDEX, so that every write pays for it: \(indexes). DROP INDEX CONCURRENTLY ends that."
  }

  /// - Parameters:
  ///   - partition: Its name.
  ///   - table: The partitioned table.
  static func leftByDetach(_ partition: String, from table: String) -> String {
    "The partition \(partition) is left half detached: ALTER TABLE \(table) DETACH PARTITION \(partition) FINALIZE ends that; then \(resume) --skip --reason '…'."
  }

  private var next: String {
    switch doubt {
    case .commit: "\(Self.resume) goes on."
    case .statement, .row:
      "\(Self.resume) carries statement \(done + 1) out once more; \(Self.resume) --skip --reason '…' takes it for done."
    case .recording:
      "if status names statement \(done + 1), \(Self.resume) carries it out once more, and \(Self.resume) --skip --reason '…' takes it for done; else \(Self.resume) goes on."
    case .unbegun: "run migrate up again to go on."
    case .beginning, .end: "migrate up goes on, or names \(Self.resume)."
    case .none, .part:
      done < statements
        ? "\(Self.resume) goes on with statement \(done + 1)."
        : "\(Self.resume) records that it is applied."
    }
  }

  /// - Parameter left: What it has left behind, in a line.
  func stopped(left: String?) -> MigrateFailure {
    MigrateFailure(
      code: .interrupted, message: "stopped by a signal",
      lines: [now] + (left.map { [$0] } ?? []) + ["HINT: \(next)"])
  }

  /// - Parameter isClean: Whether nothing of the file is there.
  func refused(
    _ message: String, hint: String, at place: SourcePosition, isClean: Bool
  ) -> MigrateFailure {
    MigrateFailure(
      code: isClean ? .sql : .partial, message: "\(file.path):\(place): \(message)",
      lines: place.excerpt + [now, "HINT: \(hint); then \(Self.resume)."])
  }

  /// - Parameter isClean: Whether nothing of the file is there.
  func refused(_ objection: Objection, isClean: Bool) -> MigrateFailure {
    MigrateFailure(
      code: isClean ? .usage : .partial, message: objection.message,
      lines: [now, "HINT: \(objection.hint); then \(Self.resume)."])
  }

  /// What was refused cannot be taken back: it is among those that are done, or could not be recorded.
  func stopped(behind objection: Objection) -> MigrateFailure {
    MigrateFailure(
      code: .partial, message: objection.message,
      lines: [now, "HINT: \(next)", "HINT: for other databases, \(objection.hint)."])
  }

  /// A row in the ledger was refused, or not answered: the connection was lost meanwhile.
  func unrecorded(_ sql: SQLErrorReport, isLost: Bool) -> MigrateFailure {
    let isUnbegun = doubt == .unbegun
    let next =
      isUnbegun && !isLost ? "mend what refuses the ledger's row, and run migrate up again." : next
    return MigrateFailure(
      code: isLost ? .connection : isUnbegun ? .sql : .partial, message: sql.first,
      lines: sql.rest + [now, "HINT: \(next)"], details: sql.details)
  }

  /// - Parameter isClean: Whether nothing of the file is there.
  func failed(
    _ sql: SQLErrorReport, isLost: Bool, isClean: Bool, left: String?
  ) -> MigrateFailure {
    let next =
      isLost ? "HINT: \(next)" : "Mend it, and go on with statement \(done + 1): \(Self.resume)"
    return MigrateFailure(
      code: isLost ? .connection : isClean ? .sql : .partial, message: sql.first,
      lines: sql.rest + [now] + (left.map { [$0] } ?? []) + [next], details: sql.details)
  }
}
