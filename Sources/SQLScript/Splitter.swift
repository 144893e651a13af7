/// Takes a script apart, one piece after the other, exactly as psql does.
///
/// Pieces come when they are asked for, because what follows may depend on the server: whether the
/// lines after `COPY … FROM STDIN` are data, and whether a backslash escapes in `'…'`.
public struct Splitter {
  public enum Piece: Sendable, Equatable {
    case statement(Statement)
    case metaCommand(MetaCommand)
  }

  private var lexer: Lexer
  private let bytes: [UInt8]

  /// - Parameters:
  ///   - script: Its text. A byte order mark at its beginning is passed over.
  ///   - variables: As the property.
  public init(_ script: String, variables: [String: String] = [:]) {
    bytes = Array(script.utf8)
    lexer = Lexer(bytes, variables: variables)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { lexer.offset = 3 }
  }

  /// Whether a backslash in `'…'` is a character like any other, which it is by default.
  public var standardConformingStrings: Bool {
    get { lexer.standardConformingStrings }
    set { lexer.standardConformingStrings = newValue }
  }

  /// Values for `:name`, `:'name'`, `:"name"` and `:{?name}`, by name.
  public var variables: [String: String] {
    get { lexer.variables }
    set { lexer.variables = newValue }
  }

  /// Whether to do as psql where it differs from the server, too, and to leave empty lines outside of
  /// quotes out of the statements as it does. For comparisons with psql.
  public var imitatesPsql: Bool {
    get { lexer.imitatesPsql }
    set { lexer.imitatesPsql = newValue }
  }

  /// Whether comments of `--` are noted.
  var notesLineComments: Bool {
    get { lexer.notesLineComments }
    set { lexer.notesLineComments = newValue }
  }

  /// Hands over those since it was asked last, each with whether its statement had not begun.
  mutating func takeLineComments() -> [LineComment] {
    defer { lexer.lineComments = [] }
    return lexer.lineComments
  }

  /// Where the next piece is looked for, in bytes of the script.
  public internal(set) var offset: Int {
    get { lexer.offset }
    set { lexer.offset = newValue }
  }

  /// The next piece; `nil` at the end.
  /// - Throws: `ScriptError` if something is still open at the end.
  public mutating func next() throws(ScriptError) -> Piece? {
    switch lexer.scan() {
    case .semicolon: return .statement(Statement(lexer.takeStatement(), end: lexer.offset))
    case .backslash:
      if let error = lexer.backslashInVariable() { throw error }
      return .metaCommand(metaCommand())
    case .end:
      if let error = openAtEnd() { throw error }
      return endStatement().map(Piece.statement)
    }
  }

  /// Ends the statement at hand without a semicolon, as `\g` does.
  /// - Returns: `nil` if none has begun.
  public mutating func endStatement() -> Statement? {
    let text = lexer.takeStatement()
    return text.isEmpty ? nil : Statement(text, end: lexer.offset)
  }

  /// The lines below the statement's, up to `\.`, which is passed over. What stands behind the statement
  /// on its line is passed over, too. Once more: the lines behind that.
  /// - Throws: `ScriptError` if there is no `\.`.
  public mutating func copyData() throws(ScriptError) -> CopyData {
    var start = lexer.offset
    if start > 0, bytes[start - 1] != .newline {
      start = bytes[start...].firstIndex(of: .newline).map { $0 + 1 } ?? bytes.count
    }
    let begin = start
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: .newline) ?? bytes.count
      let text = bytes[start..<end]
      if text == [.backslash, .dot] || text == [.backslash, .dot, .carriageReturn] {
        lexer.offset = min(end + 1, bytes.count)
        return CopyData(bytes: bytes[begin..<start], offset: begin)
      }
      start = end + 1
    }
    throw ScriptError(
      "the data of COPY … FROM STDIN has no end", at: begin,
      hint: "end it with a line that holds \\. and nothing else")
  }

  /// Whether nothing but white space and comments follows on this line. A carriage return ends a comment, and
  /// not the line.
  public var isLineDone: Bool {
    let line = bytes[lexer.offset...].prefix { $0 != .newline }
    return line.split(separator: .carriageReturn).allSatisfy { part in
      let rest = part.drop { $0.isSpace }
      return rest.isEmpty || rest.starts(with: [.dash, .dash])
    }
  }

  private func openAtEnd() -> ScriptError? {
    let start = lexer.stateStart
    switch lexer.state {
    case .initial, .quoteStop:
      if lexer.parenDepth > 0 {
        return ScriptError(
          "the parenthesis is not closed", at: lexer.parenStart,
          hint: "close it: inside of parentheses a semicolon ends no statement")
      }
      if lexer.block.depth > 0 {
        return ScriptError(
          "BEGIN has no END", at: lexer.block.start, hint: "end the routine's body with END;")
      }
      return nil
    case .comment:
      return ScriptError(
        "unterminated /* comment", at: start,
        hint: "end it with */, once for each /* inside of it, too")
    case .quoted:
      return ScriptError(
        "unterminated quoted string", at: start,
        hint: "end it with a quote; one that belongs to it is written twice")
    case .identifier:
      return ScriptError(
        "unterminated quoted identifier", at: start,
        hint: "end it with a double quote; one that belongs to it is written twice")
    case .dollarQuoted:
      return ScriptError(
        "unterminated dollar-quoted string", at: start,
        hint: "end it with the mark that it begins with, letter by letter")
    }
  }

  /// Up to the end of the line, to the next meta-command, or to `\\`, which only ends this one.
  private mutating func metaCommand() -> MetaCommand {
    let offset = lexer.offset
    var index = offset + 1
    while index < bytes.count, !bytes[index].isSpace, bytes[index] != .backslash { index += 1 }
    let name = bytes[offset + 1..<index]
    let begin = index
    var quote: UInt8?
    while index < bytes.count, bytes[index] != .newline {
      let byte = bytes[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == .quote || byte == .doubleQuote || byte == UInt8(ascii: "`") {
        quote = byte
      } else if byte == .backslash {
        break
      }
      index += 1
    }
    let arguments = bytes[begin..<index]
    let isSeparated = bytes[index...].starts(with: [.backslash, .backslash])
    lexer.offset = isSeparated ? index + 2 : index
    return MetaCommand(
      name: String(decoding: name, as: UTF8.self),
      arguments: String(decoding: arguments, as: UTF8.self).trimmed,
      offset: offset, isInsideStatement: !lexer.statement.isEmpty)
  }
}

/// The lines that follow `COPY … FROM STDIN`.
public struct CopyData: Sendable, Equatable {
  /// What is sent: the lines with their ends, without `\.`.
  public let bytes: ArraySlice<UInt8>
  /// Where they begin in the script, in bytes.
  public let offset: Int
}

extension String {
  var trimmed: String {
    var view = self[...]
    while view.first?.isWhitespace == true { view.removeFirst() }
    while view.last?.isWhitespace == true { view.removeLast() }
    return String(view)
  }
}
