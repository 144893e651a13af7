/// What CREATE INDEX CONCURRENTLY says of its index.
public struct IndexBuild: Sendable, Equatable {
  /// The index's name as the catalog has it; `nil` if PostgreSQL is to choose one.
  public let name: String?
  /// The table's name, after the schema's if there is one, as the catalog has them.
  public let table: [String]
  /// Whether it says IF NOT EXISTS.
  public let isIfNotExists: Bool

  init?(_ statement: Statement) {
    var words = Words(statement)
    guard words.take("create") else { return nil }
    _ = words.take("unique")
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

  func isNext(_ word: String) -> Bool {
    guard let token = rest.first, token.kind == .word else { return false }
    return statement.string(token).lowercased() == word
  }

  mutating func take(_ word: String) -> Bool {
    guard isNext(word) else { return false }
    rest.removeFirst()
    return true
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
