/// One statement of a script, as it is sent to the server.
public struct Statement: Sendable, Equatable {
  /// What is sent: the script's own text with the variables' values, its semicolon included. Comments
  /// within it are, and a block comment before it is; lines of `--` before it are not.
  public let text: String
  /// Where it begins in the script, in bytes from 0.
  public let offset: Int
  /// Where it ends in the script, in bytes: behind its semicolon.
  public let end: Int
  /// How many statements it joins with `\;`, besides the first.
  public let joins: Int
  /// Names after a colon that stayed as they are because no variable is called so.
  public let unsetVariables: [String]
  /// The same without comments, and with one space between two tokens, whatever stands there. Of two
  /// scripts that differ in comments and white space only, it is the same.
  public let code: [UInt8]
  let segments: [StatementText.Segment]
  let tokens: [Token]

  init(_ text: StatementText, end: Int) {
    self.text = String(decoding: text.bytes, as: UTF8.self)
    self.end = end
    offset = text.segments.first?.source ?? end
    joins = text.joins
    unsetVariables = text.unset.map(\.name)
    code = text.code
    segments = text.segments
    tokens = text.tokens
  }

  /// Whether there is nothing in it but comments and semicolons.
  public var isEmpty: Bool { tokens.allSatisfy { string($0) == ";" } }

  /// Where its first word stands in the script, in bytes: behind a comment that stands before it.
  public var firstTokenOffset: Int {
    tokens.first.map { sourceOffset(ofByte: $0.range.lowerBound) } ?? offset
  }

  /// Where a character of `text` stands in the script.
  /// - Parameter position: As the server counts: code points, from 1. One behind the last is the end.
  /// - Returns: Bytes from 0; `nil` if there is no such character. Of a variable's value: where its name
  ///   stands.
  public func sourceOffset(ofCharacter position: Int) -> Int? {
    let scalars = text.unicodeScalars
    guard position >= 1,
      let index = scalars.index(
        scalars.startIndex, offsetBy: position - 1, limitedBy: scalars.endIndex)
    else { return nil }
    return sourceOffset(ofByte: text.utf8.distance(from: text.utf8.startIndex, to: index))
  }

  func sourceOffset(ofByte byte: Int) -> Int {
    guard let segment = segments.last(where: { $0.sent <= byte }) else { return offset }
    return segment.isVerbatim ? segment.source + byte - segment.sent : segment.source
  }

  func string(_ token: Token) -> String {
    let bytes = text.utf8
    let start = bytes.index(bytes.startIndex, offsetBy: token.range.lowerBound)
    return String(text[start..<bytes.index(start, offsetBy: token.range.count)])
  }
}
