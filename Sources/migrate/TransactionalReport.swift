internal import Postgres
internal import SQLScript

/// What is true when files that are one transaction did not come to their end, and what to type next.
struct TransactionalReport {
  let files: [MigrationFile]
  /// How many files were applied before.
  let before: Int

  var what: String {
    files.count == 1 ? files[0].path : "all \(files.count) repeatable files"
  }

  /// What is true when all of it was taken back.
  var rolledBack: String { "NOW: \(what) rolled back; \(Runner.before(before))." }

  /// What is true when nobody has seen how the commit went.
  private var unknown: String {
    "NOW: \(what) was being committed: applied as a whole, or not at all. migrate status tells which; migrate up goes on."
  }

  /// - Parameters:
  ///   - step: The statement; `nil`: none of the file.
  ///   - isUnanswered: Whether it was COMMIT, and nobody knows how it went.
  func failed(
    _ error: PostgresError, in script: FileScript, at step: Script.Step?, isUnanswered: Bool
  ) -> MigrateFailure {
    var error = error
    // Of the ledger's statement, not of the file's.
    if step == nil { error.position = nil }
    let report = SQLErrorReport(error, path: script.file.path, text: script.text, step: step)
    let isLock = LockRetries.states.contains(error.sqlState ?? "")
    let next =
      if isLock {
        "Run migrate up again when those that hold the lock are done."
      } else if error.isConnectionLost {
        "Run migrate up again when the server can be reached."
      } else {
        "Mend it and run migrate up again."
      }
    return MigrateFailure(
      code: error.isConnectionLost ? .connection : isLock ? .lockRetries : .sql,
      message: report.first,
      lines: report.rest + [isUnanswered ? unknown : "\(rolledBack) \(next)"],
      details: report.details)
  }

  /// - Parameter isCommitted: Whether what the file did before it ended its transaction stays.
  func ended(_ file: MigrationFile, isCommitted: Bool) -> MigrateFailure {
    let before =
      isCommitted
      ? "What it did before that is committed" : "What it did before that was rolled back"
    return MigrateFailure(
      code: .usage,
      message:
        "\(file.path) ends its transaction: COMMIT, ROLLBACK and BEGIN have no place in it",
      lines: [
        "NOW: \(before); what it did after that may be. The file is not recorded.",
        "HINT: undo by hand what is left of it, mend the file, and run migrate up again.",
      ])
  }

  /// A signal came before the commit.
  var stopped: MigrateFailure {
    interrupted(rolledBack, "HINT: run migrate up again to go on.")
  }

  /// A signal came, and the server was faster.
  var stoppedBehind: MigrateFailure {
    interrupted(
      "NOW: \(what) is applied, and so is what was before.",
      "HINT: migrate status shows it; run migrate up again to go on.")
  }

  /// A signal came during the commit, and the server has not answered since.
  var stoppedWithin: MigrateFailure { interrupted(unknown) }

  private func interrupted(_ lines: String...) -> MigrateFailure {
    MigrateFailure(code: .interrupted, message: "stopped by a signal", lines: lines)
  }
}
