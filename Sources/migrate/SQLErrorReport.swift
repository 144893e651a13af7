internal import Postgres
internal import SQLScript

/// An SQL error as PostgreSQL's own tools show it: file, line, column, the line, a caret.
struct SQLErrorReport: Sendable, Equatable {
  /// `file:line:column: ERROR: …`
  var first: String
  /// The lines below it.
  var rest: [String] = []
  var details: Record.SQLError

  /// - Parameters:
  ///   - text: The file's text.
  ///   - step: The statement that was refused; `nil` if it is none of the file.
  init(_ error: PostgresError, path: String, text: String, step: Script.Step? = nil) {
    var place = path
    var position: SourcePosition?
    if let offset = Self.offset(of: error, step: step, in: text) {
      let found = SourcePosition(offset: offset, in: text)
      place += ":\(found)"
      rest += found.excerpt
      position = found
    } else if let line = Self.copyLine(error, step: step, in: text) {
      place += ":\(line)"
      position = SourcePosition(line: line)
    } else if let step {
      let found = SourcePosition(offset: step.statement.firstTokenOffset, in: text)
      place += ":\(found)"
      position = found
    }
    if let query = error.internalQuery, let position = error.internalPosition {
      // As psql does: the line of that statement, below which the whole of it stands.
      let found = SourcePosition(offset: Self.offset(ofCharacter: position, in: query), in: query)
      rest += found.excerpt
    }
    rest += Self.fields(of: error)
    // syntax_error: what is left of a variable's name, mostly.
    if error.sqlState == "42601", let names = step?.statement.unsetVariables, !names.isEmpty {
      rest.append(
        "HINT: \(names.map { ":\($0)" }.joined(separator: ", ")) has no value here; -v name=value gives one."
      )
    }
    let severity = error.severity ?? "ERROR"
    first = "\(place): \(severity): \(error.message)"
    details = Record.SQLError(
      path: path, line: position?.line,
      column: position.flatMap { $0.column > 0 ? $0.column : nil },
      severity: severity, sqlstate: error.sqlState, text: error.message, detail: error.detail,
      hint: error.hint, query: error.internalQuery, context: error.context)
  }

  /// Of a statement that is none of a file: what is asked of the catalog, or written to the ledger.
  /// - Parameters:
  ///   - now: What is true all the same, as a sentence; `nil`: `migrate status` shows it.
  ///   - command: What is to be run again.
  static func failure(
    _ error: PostgresError, now: String? = nil, command: String = "migrate"
  ) -> MigrateFailure {
    let status = "migrate status shows what is applied."
    guard !error.isConnectionLost else {
      return MigrateFailure(
        code: .connection, message: "\(error.severity ?? "ERROR"): \(error.message)",
        lines: fields(of: error) + [
          "NOW: \(now ?? "it was no statement of a file, and may be done or not. \(status)")",
          "HINT: run \(command) again when the server can be reached.",
        ])
    }
    let isLock = LockRetries.states.contains(error.sqlState ?? "")
    let next =
      if isLock {
        "run \(command) again when those that hold the lock are done"
      } else if error.sqlState == "42501" {
        // insufficient_privilege
        "grant what is missing, or run \(command) as a role that has it"
      } else {
        "mend it, and run \(command) again"
      }
    return MigrateFailure(
      code: isLock ? .lockRetries : .sql, message: "\(error.severity ?? "ERROR"): \(error.message)",
      lines: fields(of: error) + [
        "NOW: \(now ?? "it was no statement of a file; what it was to do was rolled back. \(status)")",
        "HINT: \(next).",
      ])
  }

  /// What there is beside the message, a line each.
  private static func fields(of error: PostgresError) -> [String] {
    [
      ("SQLSTATE", error.sqlState), ("DETAIL", error.detail), ("HINT", error.hint),
      ("QUERY", error.internalQuery), ("CONTEXT", error.context),
    ].compactMap { name, value in value.map { "\(name): \($0)" } }
  }

  private static func offset(
    of error: PostgresError, step: Script.Step?, in text: String
  ) -> Int? {
    guard let position = error.position else { return nil }
    if let step { return step.statement.sourceOffset(ofCharacter: position) }
    // The file was sent as it is.
    return offset(ofCharacter: position, in: text)
  }

  /// Bytes before a character, which counts from 1; behind the end is the end.
  private static func offset(ofCharacter position: Int, in text: String) -> Int {
    let scalars = text.unicodeScalars
    let index =
      scalars.index(scalars.startIndex, offsetBy: position - 1, limitedBy: scalars.endIndex)
      ?? scalars.endIndex
    return text.utf8.distance(from: text.startIndex, to: index)
  }

  /// The line of the data that COPY names in its context, like `COPY a, line 2, column b: "x"`.
  private static func copyLine(
    _ error: PostgresError, step: Script.Step?, in text: String
  ) -> Int? {
    guard let data = step?.data,
      let match = error.context?.firstMatch(of: /^COPY .*, line ([0-9]+)/),
      let line = Int(match.1)
    else { return nil }
    return SourcePosition(offset: data.offset, in: text).line + line - 1
  }
}
