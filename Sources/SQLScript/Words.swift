/// Reads the tokens of a statement, or of a part of it, one after the other.
struct Words {
  private let statement: Statement
  private(set) var rest: ArraySlice<Token>

  init(_ statement: Statement) { self.init(statement, statement.tokens[...]) }

  init(_ statement: Statement, _ tokens: ArraySlice<Token>) {
    self.statement = statement
    rest = tokens
  }

  /// The statement from the next token on.
  var restOfText: String {
    guard let next = rest.first else { return "" }
    let bytes = statement.text.utf8
    return String(
      statement.text[bytes.index(bytes.startIndex, offsetBy: next.range.lowerBound)...])
  }

  /// The next token, if it is a word: in small letters.
  var next: String? {
    guard let token = rest.first, token.kind == .word else { return nil }
    return statement.string(token).lowercased()
  }

  func isNext(_ word: String) -> Bool { next == word }

  mutating func take(_ word: String) -> Bool {
    guard isNext(word) else { return false }
    rest.removeFirst()
    return true
  }

  /// Several words, or none of them.
  mutating func take(_ words: [String]) -> Bool {
    let before = self
    for word in words where !take(word) {
      self = before
      return false
    }
    return true
  }

  /// Whatever comes next.
  mutating func drop() { rest = rest.dropFirst() }

  /// Behind the next such word.
  /// - Parameter isOutside: Whether those in parentheses do not count.
  mutating func skip(to word: String, isOutside: Bool = false) -> Bool {
    while let token = rest.first {
      if !isOutside || token.depth == 0, take(word) { return true }
      rest.removeFirst()
    }
    return false
  }

  /// Names with their schemas, separated by commas; ONLY before one and an asterisk behind it are passed over.
  /// - Parameter withColumns: Whether each may have a list of columns, as in `VACUUM a (n), b`.
  mutating func takeNames(withColumns: Bool = false) -> [[String]] {
    var names: [[String]] = []
    repeat {
      guard let name = takeTable() else { return names }
      names.append(name)
      if withColumns { _ = takeGroup() }
    } while takeSymbol(",")
    return names
  }

  /// A name with its schema: `s.a`, `ONLY s.a`, `ONLY (s.a)`, `s.a *`.
  mutating func takeTable() -> [String]? {
    let isInGroup = take("only") && takeSymbol("(")
    var name: [String] = []
    repeat {
      guard let part = takeName() else { return nil }
      name.append(part)
    } while takeSymbol(".")
    _ = isInGroup ? takeSymbol(")") : takeSymbol("*")
    return name
  }

  /// Words in parentheses, like those of `VACUUM (FULL, ANALYZE)`, without those that are switched off.
  mutating func takeOptions() -> [String] {
    var options: [String] = []
    for token in takeGroup() ?? [] {
      let word = statement.string(token).lowercased()
      switch (token.kind, word) {
      case (.word, "false"), (.word, "off"), (.number, "0"): _ = options.popLast()
      case (.word, "true"), (.word, "on"): break
      case (.word, _): options.append(word)
      default: break
      }
    }
    return options
  }

  /// What stands in parentheses; `nil`: none are open here.
  mutating func takeGroup() -> ArraySlice<Token>? {
    guard let open = rest.first, takeSymbol("(") else { return nil }
    let group = rest.prefix { $0.depth > open.depth }
    rest = rest[group.endIndex...]
    _ = takeSymbol(")")
    return group
  }

  /// All words in parentheses.
  mutating func takeWordsInGroup() -> [String] {
    (takeGroup() ?? []).filter { $0.kind == .word }.map { statement.string($0).lowercased() }
  }

  func isNext(symbol: String) -> Bool {
    guard let token = rest.first, token.kind == .symbol else { return false }
    return statement.string(token) == symbol
  }

  mutating func takeSymbol(_ symbol: String) -> Bool {
    guard isNext(symbol: symbol) else { return false }
    rest.removeFirst()
    return true
  }

  /// An identifier, as the catalog has it: folded to small letters unless it is quoted.
  mutating func takeName() -> String? {
    guard let token = rest.first else { return nil }
    let text = statement.string(token)
    switch token.kind {
    case .word:
      rest.removeFirst()
      return text.lowercased()
    case .quotedIdentifier where text.hasPrefix("\""):
      rest.removeFirst()
      return String(
        text.dropFirst().dropLast().split(separator: "\"\"", omittingEmptySubsequences: false)
          .joined(separator: "\""))
    default: return nil
    }
  }
}
