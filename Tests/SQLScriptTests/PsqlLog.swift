/// What psql writes with `-L`: each statement that it sends, between two lines of stars, and the results.
enum PsqlLog {
  private static let begin = "********* QUERY **********\n"
  private static let end = "\n**************************\n\n"

  /// The statements, in order.
  static func statements(in log: String) -> [String] {
    var statements: [String] = []
    var rest = Substring(log)
    while let start = rest.firstRange(of: begin) {
      rest = rest[start.upperBound...]
      guard let stop = rest.firstRange(of: end) else { break }
      statements.append(String(rest[..<stop.lowerBound]))
      rest = rest[stop.upperBound...]
    }
    return statements
  }
}

extension String {
  var trimmedAtEnd: String {
    var view = self[...]
    while view.last?.isWhitespace == true { view.removeLast() }
    return String(view)
  }
}
