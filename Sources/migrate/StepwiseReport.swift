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

  private func left(_ index: String?) -> [String] {
    index.map {
      [
        "The index \($0) is left INVALID: no query uses it, every write pays for it. \(Self.resume) builds it anew."
      ]
    } ?? []
  }

  private var next: String {
    if isInDoubt { return "\(Self.resume) goes on." }
    return done < statements
      ? "\(Self.resume) goes on with statement \(done + 1)."
      : "\(Self.resume) records that it is applied."
  }

  func stopped(left index: String?) -> MigrateFailure {
    MigrateFailure(
      code: .interrupted, message: "stopped by a signal",
      lines: [now] + left(index) + ["HINT: \(next)"])
  }

  func refused(_ message: String, hint: String, at place: SourcePosition) -> MigrateFailure {
    MigrateFailure(
      code: .partial, message: "\(file.path):\(place): \(message)",
      lines: [place.text, place.caret, now, "HINT: \(hint); then \(Self.resume)."])
  }

  /// - Parameter isClean: Whether nothing of the file is there.
  func failed(
    _ sql: SQLErrorReport, isLost: Bool, isClean: Bool, left index: String?
  ) -> MigrateFailure {
    let next =
      isLost ? "HINT: \(next)" : "Mend it, and go on with statement \(done + 1): \(Self.resume)"
    return MigrateFailure(
      code: isLost ? .connection : isClean ? .sql : .partial, message: sql.first,
      lines: sql.rest + [now] + left(index) + [next], details: sql.details)
  }
}
