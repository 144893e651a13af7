extension Lexer {
  mutating func scanComment(_ depth: Int) {
    switch (peek(), peek(1)) {
    case (.slash, .star):
      state = .comment(depth: depth + 1)
      emit(2, isCode: false)
    case (.star, .slash):
      state = depth == 0 ? .initial : .comment(depth: depth - 1)
      emit(2, isCode: false)
    default:
      emit(max(1, rest.prefix { $0 != .slash && $0 != .star }.count), isCode: false)
    }
  }

  mutating func scanQuoted(_ quote: Quote) {
    switch peek() {
    case .quote where peek(1) == .quote: emit(2)
    case .quote:
      state = .quoteStop(quote)
      emit(1)
    case .backslash where quote == .escaping: emit(min(2, rest.count))
    default:
      emit(rest.prefix { $0 != .quote && ($0 != .backslash || quote == .standard) }.count)
    }
  }

  /// Strings with nothing but white space and comments between them, and a newline among it, are one.
  mutating func scanQuoteStop(_ quote: Quote) {
    guard let gap = continuationGap() else {
      state = .initial
      return
    }
    emitSpace(gap)
    // One string in two pieces is not one with a quote in its middle.
    statement.addCode([.newline], isToken: false)
    state = .quoted(imitatesPsql && standardConformingStrings ? .standard : quote)
    emit(1)
  }

  /// Bytes before the quote that continues the string: whitespace_with_newline of psqlscan.l.
  private func continuationGap() -> Int? {
    var length = 0
    var hasNewline = false
    while true {
      switch peek(length) {
      case .quote: return hasNewline ? length : nil
      case .newline, .carriageReturn:
        hasNewline = true
        length += 1
      case let byte where byte.isSpace: length += 1
      case .dash where peek(length + 1) == .dash:
        length += rest.dropFirst(length).prefix { !$0.isNewline }.count
      default: return nil
      }
    }
  }

  mutating func scanQuotedIdentifier() {
    switch peek() {
    case .doubleQuote where peek(1) == .doubleQuote: emit(2)
    case .doubleQuote:
      state = .initial
      emit(1)
      statement.endToken()
    default: emit(rest.prefix { $0 != .doubleQuote }.count)
    }
  }

  mutating func scanDollarQuoted(_ tag: [UInt8]) {
    if rest.starts(with: tag) {
      state = .initial
      return emit(tag.count)
    }
    emit(1 + rest.dropFirst().prefix { $0 != .dollar }.count)
  }
}
