internal import Postgres
internal import SQLScript

/// An SQL error as PostgreSQL's own tools show it: file, line, column, the line, a caret.
enum SQLErrorReport {
  /// The first line and those below it.
  /// - Parameter step: The statement that was refused; `nil` if it is none of the file.
  static func lines(
    _ error: PostgresError, file: MigrationFile, step: Script.Step? = nil
  ) -> (first: String, rest: [String]) {
    var rest: [String] = []
    var place = file.path
    if let offset = offset(of: error, step: step, in: file) {
      let position = SourcePosition(offset: offset, in: file.text)
      place += ":\(position)"
      rest += [position.text, position.caret]
    } else if let line = copyLine(error, step: step, in: file) {
      place += ":\(line)"
    } else if let step {
      place += ":\(SourcePosition(offset: step.statement.firstTokenOffset, in: file.text))"
    }
    if let state = error.sqlState { rest.append("SQLSTATE: \(state)") }
    if let detail = error.detail { rest.append("DETAIL: \(detail)") }
    if let hint = error.hint { rest.append("HINT: \(hint)") }
    if let context = error.context { rest.append("CONTEXT: \(context)") }
    // syntax_error: what is left of a variable's name, mostly.
    if error.sqlState == "42601", let names = step?.statement.unsetVariables, !names.isEmpty {
      rest.append(
        "HINT: \(names.map { ":\($0)" }.joined(separator: ", ")) has no value here; -v name=value gives one."
      )
    }
    return ("\(place): \(error.severity ?? "ERROR"): \(error.message)", rest)
  }

  private static func offset(
    of error: PostgresError, step: Script.Step?, in file: MigrationFile
  ) -> Int? {
    guard let position = error.position else { return nil }
    if let step { return step.statement.sourceOffset(ofCharacter: position) }
    // The file was sent as it is.
    let scalars = file.text.unicodeScalars
    guard
      let index = scalars.index(
        scalars.startIndex, offsetBy: position - 1, limitedBy: scalars.endIndex)
    else { return nil }
    return file.text.utf8.distance(from: file.text.startIndex, to: index)
  }

  /// The line of the data that COPY names in its context, like `COPY a, line 2, column b: "x"`.
  private static func copyLine(
    _ error: PostgresError, step: Script.Step?, in file: MigrationFile
  ) -> Int? {
    guard let data = step?.data,
      let match = error.context?.firstMatch(of: /^COPY .*, line ([0-9]+)/),
      let line = Int(match.1)
    else { return nil }
    return SourcePosition(offset: data.offset, in: file.text).line + line - 1
  }
}
