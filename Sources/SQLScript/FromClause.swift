/// What a SELECT reads from.
struct FromClause {
  struct Item {
    /// What the rest of the query calls it.
    var alias: String
    /// One table; those of a query in parentheses; none: a function.
    var tables: [[String]]
  }

  private let statement: Statement
  private(set) var items: [Item] = []

  private static let ends: Set<String> = [
    "where", "group", "having", "window", "order", "limit", "offset", "fetch", "for", "union",
    "intersect", "except", "returning",
  ]
  /// Words behind a table that are no other name of it.
  private static let noAlias: Set<String> = [
    "join", "left", "right", "full", "inner", "cross", "natural", "on", "using", "tablesample",
  ]

  /// - Parameter query: From its SELECT on.
  init(_ query: ArraySlice<Token>, of statement: Statement) {
    self.statement = statement
    guard let depth = query.first?.depth else { return }
    let words = query.indices.filter { query[$0].depth == depth && query[$0].kind == .word }
    let texts = words.map { statement.string(query[$0]).lowercased() }
    // IS DISTINCT FROM is none.
    let from = texts.indices.first {
      texts[$0] == "from"
        && !($0 > 1 && texts[$0 - 1] == "distinct" && ["is", "not"].contains(texts[$0 - 2]))
    }
    guard let from else { return }
    let end = texts[from...].firstIndex(where: Self.ends.contains)
    read(query[(words[from] + 1)..<(end.map { words[$0] } ?? query.endIndex)])
  }

  private mutating func read(_ clause: ArraySlice<Token>) {
    guard let depth = clause.first?.depth else { return }
    var words = Words(statement, clause)
    var isItem = true
    while let token = words.rest.first {
      if isItem {
        isItem = false
        readItem(&words)
      } else {
        isItem = token.depth == depth && (words.isNext("join") || words.isNext(symbol: ","))
        words.drop()
      }
    }
  }

  private mutating func readItem(_ words: inout Words) {
    _ = words.take("lateral")
    _ = words.take("only")
    // ROWS FROM (function, …).
    if words.take(["rows", "from"]) {
      let group = words.takeGroup()
      let alias = takeAlias(&words)
      if group != nil, let alias { items.append(Item(alias: alias, tables: [])) }
      return
    }
    if let group = words.takeGroup() {
      let alias = takeAlias(&words)
      let inner = Self.items(in: group, of: statement)
      if let alias {
        items.append(Item(alias: alias, tables: inner.flatMap(\.tables)))
      } else {
        items += inner
      }
      return
    }
    guard let table = words.takeTable() else { return }
    // A function.
    let isTable = words.takeGroup() == nil
    let alias = takeAlias(&words) ?? table.last!
    items.append(Item(alias: alias, tables: isTable ? [table] : []))
  }

  /// Of a query, or of several joins, in parentheses.
  private static func items(in group: ArraySlice<Token>, of statement: Statement) -> [Item] {
    switch Words(statement, group).next {
    case "select": return FromClause(group, of: statement).items
    case "values", "with", "table": return []
    default:
      var clause = FromClause(group.prefix(0), of: statement)
      clause.read(group)
      return clause.items
    }
  }

  private func takeAlias(_ words: inout Words) -> String? {
    if words.take("as") { return words.takeName() }
    if let next = words.next, Self.noAlias.contains(next) { return nil }
    return words.takeName()
  }
}
