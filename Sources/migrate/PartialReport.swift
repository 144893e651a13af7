internal import SQLScript

/// A file that is applied in part, as `status` and `up` tell of it.
struct PartialReport {
  let partial: Ledger.Partial
  /// The statement at hand, or the last one if the run ended behind it, as the file has it now; `nil`: it
  /// cannot be read.
  var statement: String?
  /// Whether nobody knows if the statement at hand is done.
  let isInDoubt: Bool

  /// - Parameter variables: Values for the script's variables.
  init(_ partial: Ledger.Partial, file: MigrationFile?, variables: [String: String]) {
    self.partial = partial
    let script = file.flatMap { try? FileScript($0, variables: variables) }
    isInDoubt = partial.isInDoubt(script)
    let place = partial.failure?.isBehind == true ? partial.done - 1 : partial.done
    if let script, script.steps.indices.contains(place) {
      let step = script.steps[place]
      statement =
        "\(script.file.path):\(script.place(of: step)): \(Self.text(of: step, in: script, limit: 80))"
    }
  }

  /// The beginning of a statement, in one line, as the file has it: a variable's value may be secret.
  /// - Parameter limit: In characters.
  static func text(of step: Script.Step, in script: FileScript, limit: Int) -> String {
    let bytes = script.text.utf8
    let start = bytes.index(bytes.startIndex, offsetBy: step.statement.firstTokenOffset)
    let end = bytes.index(bytes.startIndex, offsetBy: step.statement.end)
    let text = String(script.text[start..<end]).split(whereSeparator: \.isWhitespace)
    return String(text.joined(separator: " ").prefix(limit))
  }

  /// What is true, and the next command.
  var lines: [String] {
    let next = partial.done + 1
    let isEnd = partial.done == partial.statements
    let why: String
    if let failure = partial.failure {
      let what =
        failure.isBehind
        ? "the run ended behind statement \(partial.done): "
        : isEnd
          ? "that the file is applied could not be recorded: "
          : "statement \(next) was refused: "
      why = what + failure.message + (failure.sqlState.map { " (SQLSTATE \($0))" } ?? "")
    } else {
      why =
        isEnd
        ? "the runner ended before it was recorded that the file is applied"
        : "the runner ended at statement \(next), which \(isInDoubt ? "may be done or not" : "is not done")"
    }
    let place = statement.map { ["AT: \($0)"] } ?? []
    let isToBeMended = !isEnd && partial.failure.map { !$0.isBehind } ?? false
    return ["NOW: \(partial.done) of \(partial.statements) statements are done; \(why)."] + place
      + [
        isToBeMended
          ? "NEXT: mend statement \(next) of \(partial.path), then: migrate resume"
          : "NEXT: migrate resume"
      ]
  }

  var failure: MigrateFailure {
    MigrateFailure(
      code: .partial, message: "\(partial.path) is applied in part", lines: lines)
  }
}
