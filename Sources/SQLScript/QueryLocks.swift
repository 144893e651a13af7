/// The locks of queries, wherever they stand in a statement: INSERT, UPDATE, DELETE, MERGE, also in WITH,
/// and SELECT … FOR UPDATE with its like, also in parentheses.
struct QueryLocks {
  private let statement: Statement
  private(set) var locks: [TableLock] = []

  init(_ statement: Statement) {
    self.statement = statement
    // Deeper than anybody writes, and than the stack goes: what it locks is left out.
    guard statement.tokens.allSatisfy({ $0.depth < 500 }) else { return }
    for query in queries { read(query, with: []) }
  }

  private static let verbs: Set<String> = [
    "select", "insert", "update", "delete", "merge", "values", "with",
  ]

  // MARK: Where a query begins

  private var queries: [ArraySlice<Token>] {
    var words = Words(statement)
    switch words.next {
    case nil, "select", "insert", "update", "delete", "merge", "with", "values": return [words.rest]
    case "explain":
      words.drop()
      _ = words.takeGroup()
      for option in ["analyze", "verbose"] { _ = words.take(option) }
      return [words.rest]
    case "declare": return words.skip(to: "for", isOutside: true) ? [words.rest] : []
    case "prepare": return words.skip(to: "as", isOutside: true) ? [words.rest] : []
    case "copy":
      words.drop()
      return words.takeGroup().map { [$0] } ?? []
    case "create":
      words.drop()
      _ = words.take(["or", "replace"])
      if words.isNext("rule") { return commands(ofRule: words) }
      if words.isNext("function") || words.isNext("procedure") {
        return statements(ofRoutine: words)
      }
      while words.skip(to: "as", isOutside: true) {
        if words.isNext(symbol: "(") || words.next.map(Self.verbs.contains) == true {
          return [words.rest]
        }
      }
      return []
    default: return []
    }
  }

  /// DO ALSO one; DO INSTEAD (one; another).
  private func commands(ofRule words: Words) -> [ArraySlice<Token>] {
    var words = words
    guard words.skip(to: "do", isOutside: true) else { return [] }
    _ = words.take("also") || words.take("instead")
    let commands = words.takeGroup() ?? words.rest
    return commands.split { statement.string($0) == ";" }
  }

  /// BEGIN ATOMIC one; another; END: PostgreSQL reads them when the routine is made.
  private func statements(ofRoutine words: Words) -> [ArraySlice<Token>] {
    var words = words
    while words.skip(to: "begin", isOutside: true) {
      if words.take("atomic") { return words.rest.split { statement.string($0) == ";" } }
    }
    return []
  }

  // MARK: What it locks

  /// - Parameter known: What WITH has given a name: it is no table.
  private mutating func read(_ query: ArraySlice<Token>, with known: Set<String>) {
    guard let depth = query.first?.depth else { return }
    var known = known
    var words = Words(statement, query)
    if words.take("with") { readWith(&words, depth, &known) }
    let rest = words.rest
    switch words.next {
    case "insert":
      words.drop()
      add(.rowExclusive, behind: "into", &words)
      // The query that it inserts has a WITH and rows of its own.
      let source = rest.indices.dropFirst().first {
        rest[$0].depth == depth && ["select", "with"].contains(word(rest[$0]))
      }
      if let source { return read(rest[source...], with: known) }
    case "delete":
      words.drop()
      add(.rowExclusive, behind: "from", &words)
    case "merge":
      words.drop()
      add(.rowExclusive, behind: "into", &words)
    case "update": add(.rowExclusive, behind: "update", &words)
    case "select": readRowLocks(rest, with: known)
    default: break
    }
    words = Words(statement, rest)
    while !words.rest.isEmpty {
      if let group = words.takeGroup() { read(group, with: known) } else { words.drop() }
    }
  }

  /// name (columns) AS MATERIALIZED (query), …
  private mutating func readWith(_ words: inout Words, _ depth: Int, _ known: inout Set<String>) {
    let isRecursive = words.take("recursive")
    repeat {
      guard let name = words.takeName() else { return }
      _ = words.takeGroup()
      guard words.take("as") else { return }
      _ = words.take("not")
      _ = words.take("materialized")
      if isRecursive { known.insert(name) }
      if let group = words.takeGroup() { read(group, with: known) }
      known.insert(name)
    } while words.takeSymbol(",")
    // SEARCH and CYCLE.
    while let token = words.rest.first, !(token.depth == depth && Self.verbs.contains(word(token)))
    {
      words.drop()
    }
  }

  private mutating func add(_ mode: TableLock.Mode, behind word: String, _ words: inout Words) {
    guard words.take(word), let table = words.takeTable() else { return }
    locks.append(TableLock(table, mode))
  }

  /// FOR UPDATE, NO KEY UPDATE, SHARE, KEY SHARE; with OF some of the tables, else all.
  private mutating func readRowLocks(_ query: ArraySlice<Token>, with known: Set<String>) {
    guard let depth = query.first?.depth else { return }
    var isAll = false
    var named: Set<String> = []
    for index in query.indices where query[index].depth == depth && word(query[index]) == "for" {
      var words = Words(statement, query[(index + 1)...])
      _ = words.take(["no", "key"]) || words.take("key")
      guard words.take("update") || words.take("share") else { continue }
      if words.take("of") {
        named.formUnion(words.takeNames().compactMap(\.last))
      } else {
        isAll = true
      }
    }
    guard isAll || !named.isEmpty else { return }
    for item in FromClause(query, of: statement).items where isAll || named.contains(item.alias) {
      locks += item.tables.filter { $0.count > 1 || !known.contains($0[0]) }
        .map { TableLock($0, .rowShare) }
    }
  }

  private func word(_ token: Token) -> String {
    token.kind == .word ? statement.string(token).lowercased() : ""
  }
}
