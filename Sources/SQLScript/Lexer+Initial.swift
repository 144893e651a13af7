extension Lexer {
  /// A token outside of quotes and comments.
  mutating func scanInitial() -> Stop? {
    let byte = peek()
    switch byte {
    case _ where byte.isSpace:
      emitSpace(rest.prefix { $0.isSpace }.count)
    case .dash where peek(1) == .dash:
      if notesLineComments, sources.count == 1 {
        lineComments.append(LineComment(offset: offset, isAtTop: statement.tokens.isEmpty))
      }
      emitSpace(rest.prefix { !$0.isNewline }.count)
    case .slash where peek(1) == .star:
      open(.comment(depth: 0), 2)
    case .quote:
      open(.quoted(standardConformingStrings ? .standard : .escaping), 1, as: .string)
    case .doubleQuote:
      open(.identifier, 1, as: .quotedIdentifier)
    case .dollar:
      scanDollar()
    case .openParen:
      if parenDepth == 0 { parenStart = origin }
      emit(1, as: .symbol)
      parenDepth += 1
    case .closeParen:
      parenDepth = max(0, parenDepth - 1)
      emit(1, as: .symbol)
    case .semicolon:
      emit(1, as: .symbol)
      guard parenDepth == 0, block.depth == 0 else { return nil }
      block.forgetIdentifiers()
      return .semicolon
    case .backslash:
      guard peek(1) == .semicolon || peek(1) == .colon else { return .backslash }
      // The character without the backslash, into the statement.
      sources[sources.count - 1].position += 1
      if peek() == .semicolon {
        block.forgetIdentifiers()
        statement.join()
      }
      emit(1, as: .symbol)
    case .colon:
      scanColon()
    case _ where byte.isDigit, .dot where peek(1).isDigit:
      emit(numberLength(), as: .number)
    case _ where byte.isOperator:
      emit(operatorLength(), as: .symbol)
    case _ where byte.isIdentifierStart:
      scanWord()
    default:
      emit(1, as: .symbol)
    }
    return nil
  }

  /// A word, or the letters before a quote.
  private mutating func scanWord() {
    let letter = peek() | 0x20
    switch (letter, peek(1)) {
    case (UInt8(ascii: "e"), .quote): return open(.quoted(.escaping), 2, as: .string)
    case (UInt8(ascii: "b"), .quote), (UInt8(ascii: "x"), .quote):
      return open(.quoted(.standard), 2, as: .string)
    // The quote behind it is a token of its own.
    case (UInt8(ascii: "n"), .quote): return emit(1)
    case (UInt8(ascii: "u"), UInt8(ascii: "&")):
      switch peek(2) {
      case .quote: return open(.quoted(.standard), 3, as: .string)
      case .doubleQuote: return open(.identifier, 3, as: .quotedIdentifier)
      default: return emit(1, as: .symbol)
      }
    default: break
    }
    let word = rest.prefix { $0.isIdentifierPart }
    block.see(word, parenDepth: parenDepth, at: origin)
    emit(word.count, as: .word)
  }

  private mutating func scanDollar() {
    if peek(1).isDigit {
      let digits = rest.dropFirst().prefix { $0.isDigit }.count
      return emit(1 + digits + junkLength(1 + digits), as: .symbol)
    }
    let tag = rest.dropFirst().prefix { $0.isVariablePart }.count
    guard peek(1 + tag) == .dollar else { return emit(1, as: .symbol) }
    open(.dollarQuoted(tag: Array(rest.prefix(tag + 2))), tag + 2, as: .string)
  }

  private mutating func scanColon() {
    switch peek(1) {
    case .colon, .equals: return emit(2, as: .symbol)
    case .quote: expandQuoted(by: .quote) { $0.sqlLiteral }
    case .doubleQuote: expandQuoted(by: .doubleQuote) { $0.sqlIdentifier }
    case UInt8(ascii: "{") where peek(2) == UInt8(ascii: "?"):
      let name = rest.dropFirst(3).prefix { $0.isVariablePart }
      guard !name.isEmpty, peek(3 + name.count) == UInt8(ascii: "}") else {
        return emit(1, as: .symbol)
      }
      let isSet = variables[String(decoding: name, as: UTF8.self)] != nil
      replace(name.count + 4, by: isSet ? "TRUE" : "FALSE")
    default:
      let name = rest.dropFirst().prefix { $0.isVariablePart }
      let key = String(decoding: name, as: UTF8.self)
      guard let value = variables[key], !sources.contains(where: { $0.variable == key }) else {
        if !name.isEmpty { statement.unset.append((key, origin)) }
        return emit(1 + name.count, as: .symbol)
      }
      let start = origin
      sources[sources.count - 1].position += 1 + name.count
      sources.append(Source(bytes: Array(value.utf8), variable: key, origin: start))
    }
  }

  private mutating func expandQuoted(by mark: UInt8, _ quoted: (String) -> String) {
    let name = rest.dropFirst(2).prefix { $0.isVariablePart }
    guard !name.isEmpty, peek(2 + name.count) == mark else { return emit(1, as: .symbol) }
    let key = String(decoding: name, as: UTF8.self)
    guard let value = variables[key] else {
      statement.unset.append((key, origin))
      return emit(name.count + 3, as: .symbol)
    }
    replace(name.count + 3, by: quoted(value))
  }

  /// Other text in place of a token; it is not scanned.
  private mutating func replace(_ count: Int, by text: String) {
    let bytes = Array(text.utf8)
    statement.append(bytes[...], from: origin, isVerbatim: false)
    statement.addCode(bytes[...], isToken: true)
    statement.add(.string, count: bytes.count, depth: parenDepth)
    sources[sources.count - 1].position += count
  }

  /// A number, with the letters that follow it without a space.
  private func numberLength() -> Int {
    let bytes = rest
    func digits(_ from: Int) -> Int {
      bytes.dropFirst(from).prefix { $0.isDigit }.count
    }
    var length = digits(0)
    if peek(length) == .dot {
      // 1..10 is a number, two dots, a number.
      if length > 0, peek(length + 1) == .dot { return length }
      length += 1 + digits(length + 1)
    }
    if peek(length) | 0x20 == UInt8(ascii: "e") {
      let sign = peek(length + 1) == .plus || peek(length + 1) == .dash ? 1 : 0
      let exponent = digits(length + 1 + sign)
      if exponent == 0, sign == 1 { return length + 2 }
      if exponent > 0 { length += 1 + sign + exponent }
    }
    return length + junkLength(length)
  }

  private func junkLength(_ from: Int) -> Int {
    guard peek(from).isIdentifierStart else { return 0 }
    return rest.dropFirst(from).prefix { $0.isIdentifierPart }.count
  }

  /// Up to where a comment begins.
  private func operatorLength() -> Int {
    var length = 1
    while peek(length).isOperator {
      let pair = (peek(length), peek(length + 1))
      if pair == (.dash, .dash) || pair == (.slash, .star) { break }
      length += 1
    }
    return length
  }
}
