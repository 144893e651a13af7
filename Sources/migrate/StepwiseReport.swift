internal import SQLScript

/// What is true of a file without a transaction that did not come to its end, and what to type next.
struct StepwiseReport {
  let file: MigrationFile
  /// How many statements are done.
  let done: Int
  let statements: Int
  /// Whether the next one may be done as well: nobody has seen how it went.
  var isInDoubt = false

  var now: String {
    let doubt =
      isInDoubt ? "; statement \(done + 1) may be done or not. migrate status tells" : ""
    return
      "NOW: \(file.path) is applied in part: \(done) of \(statements) statements are done\(doubt)."
  }

  static let resume = "migrate resume"

  static func leftByBuild(_ index: String) -> String {
    "The index \(index) is left INVALID: no query uses it, every write pays for it. \(resume) builds it anew."
  }

  /// - Parameter indexes: Their names, separated by commas.
  static func leftByReindex(_ indexes: String) -> String {
    "Left INVALID by REINDEX, so that every write pays for it: \(indexes). DROP INDEX CONCURRENTLY ends that."
  }

  private var next: String {
    if isInDoubt { return "\(Self.resume) goes on." }
    return done < statements
      ? "\(Self.resume) goes on with statement \(done + 1)."
      : "\(Self.resume) records that it is applied."
  }

  /// - Parameter left: What it has left behind, in a line.
  func stopped(left: String?) -> MigrateFailure {
    MigrateFailure(
      code: .interrupted, message: "stopped by a signal",
      lines: [now] + (left.map { [$0] } ?? []) + ["HINT: \(next)"])
  }

  func refused(_ message: String, hint: String, at place: SourcePosition) -> MigrateFailure {
    MigrateFailure(
      code: .partial, message: "\(file.path):\(place): \(message)",
      lines: [place.text, place.caret, now, "HINT: \(hint); then \(Self.resume)."])
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
