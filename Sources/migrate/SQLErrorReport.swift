internal import Postgres

/// An SQL error as PostgreSQL's own tools show it: file, line, column, the line, a caret.
enum SQLErrorReport {
  /// The first line and those below it.
  static func lines(_ error: PostgresError, file: MigrationFile) -> (first: String, rest: [String])
  {
    var rest: [String] = []
    var place = file.path
    if let position = error.position, let found = locate(position, in: file.text) {
      place += ":\(found.line):\(found.column)"
      rest.append(found.text)
      // Tabs stay tabs, so that the caret stands below its character at any tab width.
      let before = String(
        String.UnicodeScalarView(found.text.unicodeScalars.prefix(found.column - 1)))
      rest.append(String(before.map { $0 == "\t" ? "\t" : " " }) + "^")
    }
    if let state = error.sqlState { rest.append("SQLSTATE: \(state)") }
    if let detail = error.detail { rest.append("DETAIL: \(detail)") }
    if let hint = error.hint { rest.append("HINT: \(hint)") }
    if let context = error.context { rest.append("CONTEXT: \(context)") }
    return ("\(place): \(error.severity ?? "ERROR"): \(error.message)", rest)
  }

  /// PostgreSQL counts code points from 1.
  static func locate(_ position: Int, in text: String) -> (line: Int, column: Int, text: String)? {
    var line = 1
    var column = 1
    var lineStart = text.unicodeScalars.startIndex
    var count = 1
    for index in text.unicodeScalars.indices {
      if count == position { return (line, column, lineText(text, from: lineStart)) }
      count += 1
      if text.unicodeScalars[index] == "\n" {
        line += 1
        column = 1
        lineStart = text.unicodeScalars.index(after: index)
      } else {
        column += 1
      }
    }
    // The end of the text, where something is missing.
    return count == position ? (line, column, lineText(text, from: lineStart)) : nil
  }

  private static func lineText(_ text: String, from start: String.UnicodeScalarIndex) -> String {
    String(
      String.UnicodeScalarView(text.unicodeScalars[start...].prefix { $0 != "\n" && $0 != "\r" }))
  }
}
