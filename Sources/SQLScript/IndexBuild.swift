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
