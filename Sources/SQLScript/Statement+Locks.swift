extension Statement {
  /// The locks on the tables that it names, except ACCESS SHARE, which only DROP and its like wait for.
  public var tableLocks: [TableLock] {
    var words = Words(self)
    for (command, mode) in Self.writes where words.take(command) {
      _ = words.take("only")
      return words.takeNames().map { TableLock($0, mode) }
    }
    if words.take("alter") { return alter(&words) }
    if words.take("create") { return create(&words) }
    if words.take("drop") { return drop(&words) }
    if words.take("truncate") {
      _ = words.take("table")
      _ = words.take("only")
      return words.takeNames().map { TableLock($0, .accessExclusive) }
    }
    if words.take("copy") {
      let names = words.takeNames().prefix(1)
      return self.words.contains("from") ? names.map { TableLock($0, .rowExclusive) } : []
    }
    if words.take("lock") {
      _ = words.take("table")
      _ = words.take("only")
      return words.takeNames().map { TableLock($0, lockMode) }
    }
    if words.take("comment") {
      _ = words.take("on")
      guard words.take("table") else { return [] }
      return words.takeNames().map { TableLock($0, .shareUpdateExclusive) }
    }
    return maintenance(&words)
  }

  private static let writes: [([String], TableLock.Mode)] = [
    (["insert", "into"], .rowExclusive), (["update"], .rowExclusive),
    (["delete", "from"], .rowExclusive), (["merge", "into"], .rowExclusive),
  ]

  private func alter(_ words: inout Words) -> [TableLock] {
    let isTable = words.take("table")
    guard isTable || words.take(["materialized", "view"]) else { return [] }
    _ = words.take(["if", "exists"])
    _ = words.take("only")
    guard let table = words.takeNames().first else { return [] }
    return [TableLock(table, alterMode)] + references
  }

  /// ALTER TABLE: of several actions the strongest is not looked for, since one of them mostly wants it.
  private var alterMode: TableLock.Mode {
    let all = words
    let isSingle = !tokens.contains { $0.depth == 0 && string($0) == "," }
    func has(_ phrase: [String]) -> Bool {
      all.indices.contains { all[$0...].starts(with: phrase) }
    }
    guard isSingle else { return .accessExclusive }
    for phrase in [
      ["validate", "constraint"], ["set", "statistics"], ["attach", "partition"],
      ["cluster", "on"],
      ["set", "without", "cluster"],
    ] where has(phrase) { return .shareUpdateExclusive }
    if has(["detach"]), all.last == "concurrently" { return .shareUpdateExclusive }
    for phrase in [["enable", "trigger"], ["disable", "trigger"]] where has(phrase) {
      return .shareRowExclusive
    }
    // A column with a foreign key is a column.
    return has(["add", "foreign", "key"]) || has(["add", "constraint"]) && has(["foreign", "key"])
      ? .shareRowExclusive : .accessExclusive
  }

  /// The tables that foreign keys point to.
  private var references: [TableLock] {
    var words = Words(self)
    var locks: [TableLock] = []
    while words.skip(to: "references") {
      locks += words.takeNames().prefix(1).map { TableLock($0, .shareRowExclusive) }
    }
    return locks
  }

  private func create(_ words: inout Words) -> [TableLock] {
    if let build = IndexBuild(self) { return [TableLock(build.table, .shareUpdateExclusive)] }
    if words.take("or") { _ = words.take("replace") }
    for word in ["unlogged", "temporary", "temp"] { _ = words.take(word) }
    if words.take("table") { return references }
    _ = words.take("unique")
    let mode: TableLock.Mode
    if words.take("index") {
      mode = .share
    } else if words.take("trigger") || words.take(["constraint", "trigger"]) {
      mode = .shareRowExclusive
    } else if words.take("policy") || words.take("rule") {
      mode = .accessExclusive
    } else {
      return []
    }
    guard words.skip(to: mode == .share || !self.words.contains("rule") ? "on" : "to") else {
      return []
    }
    _ = words.take("only")
    return words.takeNames().prefix(1).map { TableLock($0, mode) }
  }

  private func drop(_ words: inout Words) -> [TableLock] {
    if words.take("table") || words.take(["materialized", "view"]) || words.take("view") {
      _ = words.take(["if", "exists"])
      return words.takeNames().map { TableLock($0, .accessExclusive) }
    }
    if words.take("index") {
      let isConcurrent = words.take("concurrently")
      _ = words.take(["if", "exists"])
      return words.takeNames().map {
        TableLock($0, isConcurrent ? .shareUpdateExclusive : .accessExclusive, isIndex: true)
      }
    }
    guard words.take("trigger") || words.take("policy") || words.take("rule"), words.skip(to: "on")
    else { return [] }
    return words.takeNames().prefix(1).map { TableLock($0, .accessExclusive) }
  }

  private func maintenance(_ words: inout Words) -> [TableLock] {
    var mode: TableLock.Mode
    if words.take(["refresh", "materialized", "view"]) {
      mode = words.take("concurrently") ? .exclusive : .accessExclusive
    } else if words.take("vacuum") {
      let isFull = words.takeOptions().contains("full") || words.take("full")
      mode = isFull ? .accessExclusive : .shareUpdateExclusive
      for option in ["freeze", "verbose", "analyze"] { _ = words.take(option) }
    } else if words.take("analyze") {
      _ = words.takeOptions()
      _ = words.take("verbose")
      mode = .shareUpdateExclusive
    } else if words.take("cluster") {
      _ = words.takeOptions()
      _ = words.take("verbose")
      mode = .accessExclusive
    } else if words.take("reindex") {
      return reindex(&words)
    } else {
      return []
    }
    return words.takeNames(withColumns: true).map { TableLock($0, mode) }
  }

  private func reindex(_ words: inout Words) -> [TableLock] {
    let options = words.takeOptions()
    let isIndex = words.take("index")
    guard isIndex || words.take("table") else { return [] }
    let isConcurrent = words.take("concurrently") || options.contains("concurrently")
    return words.takeNames().map {
      TableLock($0, isConcurrent ? .shareUpdateExclusive : .share, isIndex: isIndex)
    }
  }

  /// LOCK TABLE … IN … MODE.
  private var lockMode: TableLock.Mode {
    let text = words.drop { $0 != "in" }.dropFirst().prefix { $0 != "mode" }
      .joined(separator: " ").uppercased()
    return TableLock.Mode(rawValue: text) ?? .accessExclusive
  }
}
