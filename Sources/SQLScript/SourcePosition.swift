/// A place in a script as people and editors name it.
public struct SourcePosition: Sendable, Equatable, CustomStringConvertible {
  /// From 1. `\n`, `\r\n` and `\r` end a line.
  public var line: Int
  /// From 1, in code points, as PostgreSQL counts; 0: the line as a whole.
  public var column: Int
  /// The whole line, without its end.
  public var text: String

  /// - Parameter offset: Bytes from 0; beyond the end is the end.
  public init(offset: Int, in script: String) {
    self = SourceLines(script).position(at: offset)
  }

  init(line: Int, column: Int, text: String) {
    self.line = line
    self.column = column
    self.text = text
  }

  /// A line as a whole: its column is 0.
  public init(line: Int) { self.init(line: line, column: 0, text: "") }

  public var description: String { "\(line):\(column)" }

  /// How much of a line is shown, in code points.
  private static let width = 200

  /// The line and, below it, the caret; of a very long line what is around the column.
  public var excerpt: [String] {
    let scalars = text.unicodeScalars
    guard scalars.count > Self.width else { return [text, caret] }
    let skipped = max(0, min(column - 1 - Self.width / 2, scalars.count - Self.width))
    var piece = String(String.UnicodeScalarView(scalars.dropFirst(skipped).prefix(Self.width)))
    if skipped + Self.width < scalars.count { piece += "…" }
    var cut = SourcePosition(line: line, column: column, text: piece)
    if skipped > 0 {
      cut.text = "…" + piece
      cut.column = column - skipped + 1
    }
    return [cut.text, cut.caret]
  }

  /// A line with a caret below the column; tabs stay tabs, so that it stands there at any width of them.
  public var caret: String {
    String(
      text.unicodeScalars.prefix(max(0, column - 1)).map { $0 == "\t" ? "\t" : " " }.map(
        Character.init))
      + "^"
  }
}
