internal import Foundation

/// What psql writes with `-L`: each statement that it sends, between two lines of stars, and the results.
enum PsqlLog {
  private static let begin = "********* QUERY **********\n"
  private static let end = "\n**************************\n\n"

  /// The statements, in order.
  static func statements(in log: String) -> [String] {
    log.components(separatedBy: begin).dropFirst().compactMap {
      let parts = $0.components(separatedBy: end)
      return parts.count > 1 ? parts[0] : nil
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
