extension Statement {
  /// The locks on the tables and views that it names, except ACCESS SHARE, which only DROP and its like
  /// wait for. Functions that it calls, triggers, views and partitions may lock more.
  public var tableLocks: [TableLock] {
    (commandLocks + QueryLocks(self).locks).filter { $0.mode > .accessShare }
  }

  private var commandLocks: [TableLock] {
    var words = Words(self)
    switch words.next {
    case "alter":
      words.drop()
      return alter(&words)
    case "create":
      words.drop()
      return create(&words)
    case "drop":
      words.drop()
      return drop(&words)
    case "truncate":
      words.drop()
      _ = words.take("table")
      return words.takeNames().map { TableLock($0, .accessExclusive) }
    case "copy":
      words.drop()
      guard self.words.contains("from"), let table = words.takeTable() else { return [] }
      return [TableLock(table, .rowExclusive)]
    case "lock":
      words.drop()
      _ = words.take("table")
      return words.takeNames().map { TableLock($0, lockMode) }
    case "comment", "security":
      guard words.skip(to: "on") else { return [] }
      return comment(&words)
    default: return maintenance(&words)
    }
  }

  // MARK: ALTER

  private func alter(_ words: inout Words) -> [TableLock] {
    if words.take("publication") { return published(&words) }
    if words.take("policy") || words.take("rule") || words.take("trigger") {
      // [NO] DEPENDS ON EXTENSION locks nothing.
      guard !self.words.contains("depends"), words.skip(to: "on"), let table = words.takeTable()
      else { return [] }
      return [TableLock(table, .accessExclusive)]
    }
    guard
      ["table", "foreign table", "materialized view", "view"].contains(where: {
        words.take($0.split(separator: " ").map(String.init))
      })
    else { return [] }
    _ = words.take(["if", "exists"])
    let isAll = words.take(["all", "in", "tablespace"])
    guard !isAll, let table = words.takeTable() else { return [] }
    let actions = words.rest.split { $0.depth == 0 && string($0) == "," }
      .map { AlterAction(Words(self, $0)) }
    let mode = actions.map(\.mode).max() ?? .accessExclusive
    return [TableLock(table, mode)] + actions.flatMap { $0.others(of: table) } + references()
  }

  /// The tables that foreign keys point to.
  /// - Parameter own: The table that is being made.
  private func references(except own: [String]? = nil) -> [TableLock] {
    var words = Words(self)
    var locks: [TableLock] = []
    while words.skip(to: "references") {
      guard let table = words.takeTable(), table != own else { continue }
      locks.append(TableLock(table, .shareRowExclusive))
    }
    return locks
  }

  // MARK: CREATE

  private func create(_ words: inout Words) -> [TableLock] {
    if let build = IndexBuild(self) { return [TableLock(build.table, .shareUpdateExclusive)] }
    let replaces = words.take(["or", "replace"])
    for word in [
      "global", "local", "unlogged", "temporary", "temp", "foreign", "constraint", "recursive",
    ] {
      _ = words.take(word)
    }
    switch words.next {
    case "table":
      words.drop()
      return createTable(&words)
    case "publication": return published(&words)
    case "view" where replaces:
      words.drop()
      return words.takeTable().map { [TableLock($0, .accessExclusive, of: .itselfIfThere)] } ?? []
    case "statistics": return lock(.shareUpdateExclusive, behind: "from", words)
    case "trigger": return lock(.shareRowExclusive, behind: "on", words)
    case "policy": return lock(.accessExclusive, behind: "on", words)
    case "rule": return lock(.accessExclusive, behind: "to", words)
    case "unique", "index": return lock(.share, behind: "on", words)
    default: return []
    }
  }

  private func createTable(_ words: inout Words) -> [TableLock] {
    _ = words.take(["if", "not", "exists"])
    guard let table = words.takeTable() else { return [] }
    var locks: [TableLock] = []
    if words.take(["partition", "of"]), let parent = words.takeTable() {
      locks = [
        TableLock(parent, .accessExclusive),
        TableLock(parent, .accessExclusive, of: .defaultPartition),
      ]
    }
    if words.skip(to: "inherits", isOutside: true), words.takeSymbol("(") {
      locks += words.takeNames().map { TableLock($0, .shareUpdateExclusive) }
    }
    return locks + references(except: table)
  }

  /// FOR TABLE a, b (n), TABLE c; of ALTER: ADD, SET or DROP TABLE.
  private func published(_ words: inout Words) -> [TableLock] {
    var locks: [TableLock] = []
    while words.skip(to: "table", isOutside: true) {
      locks += words.takeNames(withColumns: true).map { TableLock($0, .shareUpdateExclusive) }
    }
    return locks
  }

  /// One lock, on what is named behind a word.
  private func lock(_ mode: TableLock.Mode, behind word: String, _ words: Words) -> [TableLock] {
    var words = words
    guard words.skip(to: word, isOutside: true), let table = words.takeTable() else { return [] }
    return [TableLock(table, mode)]
  }

  // MARK: DROP

  private func drop(_ words: inout Words) -> [TableLock] {
    switch words.next {
    case "foreign" where !words.take(["foreign", "table"]): return []
    case "table", "materialized", "view", "foreign":
      for word in ["table", "materialized", "view"] { _ = words.take(word) }
      _ = words.take(["if", "exists"])
      return words.takeNames().map { TableLock($0, .accessExclusive) }
    case "index":
      words.drop()
      let isConcurrent = words.take("concurrently")
      _ = words.take(["if", "exists"])
      return words.takeNames().map {
        TableLock($0, isConcurrent ? .shareUpdateExclusive : .accessExclusive, of: .tableOfIndex)
      }
    case "trigger", "policy", "rule": return lock(.accessExclusive, behind: "on", words)
    default: return []
    }
  }

  // MARK: Others

  /// COMMENT ON and SECURITY LABEL ON: of a column, on its table.
  private func comment(_ words: inout Words) -> [TableLock] {
    let isColumn = words.take("column")
    let isTable =
      isColumn || words.take("table") || words.take("view")
      || words.take(["materialized", "view"]) || words.take(["foreign", "table"])
    guard isTable, let name = words.takeTable() else { return [] }
    return [TableLock(isColumn ? name.dropLast() : name, .shareUpdateExclusive)]
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
      TableLock(
        $0, isConcurrent ? .shareUpdateExclusive : .share, of: isIndex ? .tableOfIndex : .itself)
    }
  }

  /// LOCK TABLE … IN … MODE.
  private var lockMode: TableLock.Mode {
    let text = words.drop { $0 != "in" }.dropFirst().prefix { $0 != "mode" }
      .joined(separator: " ").uppercased()
    return TableLock.Mode(rawValue: text) ?? .accessExclusive
  }
}
