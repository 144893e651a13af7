/// What psql writes with `-L`: each statement that it sends, between two lines of stars, and the results.
enum PsqlLog {
  private static let begin = "********* QUERY **********\n"
  private static let end = "\n**************************\n\n"

  /// The statements, in order.
  ///
  /// By bytes: behind a carriage return, the line feed of an end is no `Character` of its own.
  static func statements(in log: String) -> [String] {
    log.utf8.split(separator: begin.utf8, omittingEmptySubsequences: false).dropFirst().compactMap {
      let parts = $0.split(separator: end.utf8, omittingEmptySubsequences: false)
      return parts.count > 1 ? String(Substring(parts[0])) : nil
    }
  }
}

extension String {
  var trimmedAtEnd: String {
    var view = self[...]
    while view.last?.isWhitespace == true { view.removeLast() }
    return String(view)
  }
}
