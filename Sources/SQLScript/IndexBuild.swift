/// What CREATE INDEX CONCURRENTLY says of its index.
public struct IndexBuild: Sendable, Equatable {
  /// The index's name as the catalog has it; `nil` if PostgreSQL is to choose one.
  public let name: String?
  /// The table's name, after the schema's if there is one, as the catalog has them.
  public let table: [String]
  /// Whether it says IF NOT EXISTS.
  public let isIfNotExists: Bool
  /// Whether it says UNIQUE.
  public let isUnique: Bool
  /// What follows the table's name, like `USING gin (a) WHERE b`, without a semicolon at its end.
  public let definition: String

  init?(_ statement: Statement) {
    var words = Words(statement)
    guard words.take("create") else { return nil }
    isUnique = words.take("unique")
    guard words.take("index"), words.take("concurrently") else { return nil }
    isIfNotExists = words.take("if") && words.take("not") && words.take("exists")
    name = words.isNext("on") ? nil : words.takeName()
    guard words.take("on") else { return nil }
    _ = words.take("only")
    var table: [String] = []
    repeat {
      guard let part = words.takeName() else { return nil }
      table.append(part)
    } while words.takeSymbol(".")
    self.table = table
    var rest = words.restOfText
    while let last = rest.last, last == ";" || last.isWhitespace { rest.removeLast() }
    definition = rest
  }
}

/// Reads the tokens of a statement one after the other.
struct Words {
  private let statement: Statement
  private var rest: ArraySlice<Token>

  init(_ statement: Statement) {
    self.statement = statement
    rest = statement.tokens[...]
  }

  /// The statement from the next token on.
  var restOfText: String {
    guard let next = rest.first else { return "" }
    let bytes = statement.text.utf8
    return String(
      statement.text[bytes.index(bytes.startIndex, offsetBy: next.range.lowerBound)...])
  }

  func isNext(_ word: String) -> Bool {
    guard let token = rest.first, token.kind == .word else { return false }
    return statement.string(token).lowercased() == word
  }

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

  /// Behind the next such word outside of parentheses and names.
  mutating func skip(to word: String) -> Bool {
    while !rest.isEmpty {
      if take(word) { return true }
      rest.removeFirst()
    }
    return false
  }

  /// Names with their schemas, separated by commas.
  /// - Parameter withColumns: Whether each may have a list of columns, as in `VACUUM a (n), b`.
  mutating func takeNames(withColumns: Bool = false) -> [[String]] {
    var names: [[String]] = []
    repeat {
      var name: [String] = []
      repeat {
        guard let part = takeName() else { return names }
        name.append(part)
      } while takeSymbol(".")
      names.append(name)
      if withColumns { _ = takeOptions() }
    } while takeSymbol(",")
    return names
  }

  /// Words in parentheses, like those of `VACUUM (FULL, ANALYZE)`, without those that are switched off.
  mutating func takeOptions() -> [String] {
    guard takeSymbol("(") else { return [] }
    var options: [String] = []
    while let token = rest.popFirst(), token.depth > 0 {
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

  mutating func takeSymbol(_ symbol: String) -> Bool {
    guard let token = rest.first, token.kind == .symbol, statement.string(token) == symbol else {
      return false
    }
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
