/// One action of ALTER TABLE; several stand behind each other with commas, and the strongest lock counts.
struct AlterAction {
  let mode: TableLock.Mode
  private let partition: [String]?
  private let parent: [String]?

  /// - Parameter words: The action, like `ADD n int`.
  init(_ words: Words) {
    var words = words
    var partition: [String]?
    var parent: [String]?
    switch words.next {
    case "validate", "cluster": mode = .shareUpdateExclusive
    case "attach", "detach":
      let attaches = words.isNext("attach")
      words.drop()
      _ = words.take("partition")
      partition = words.takeTable()
      let isWeak = attaches || words.isNext("concurrently") || words.isNext("finalize")
      mode = isWeak ? .shareUpdateExclusive : .accessExclusive
    case "enable", "disable":
      words.drop()
      _ = words.take("replica") || words.take("always")
      mode = words.isNext("trigger") ? .shareRowExclusive : .accessExclusive
    case "add":
      words.drop()
      if words.take("constraint") { _ = words.takeName() }
      // A column with a foreign key is a column.
      mode = words.isNext("foreign") ? .shareRowExclusive : .accessExclusive
    case "alter":
      words.drop()
      _ = words.take("column")
      _ = words.takeName()
      mode =
        words.take(["set", "statistics"])
        ? .shareUpdateExclusive : Self.optionsMode(&words) ?? .accessExclusive
    case "set", "reset":
      mode =
        words.take(["set", "without", "cluster"])
        ? .shareUpdateExclusive : Self.optionsMode(&words) ?? .accessExclusive
    case "inherit":
      words.drop()
      parent = words.takeTable()
      mode = .accessExclusive
    default: mode = .accessExclusive
    }
    self.partition = partition
    self.parent = parent
  }

  /// The locks on other tables than the one that is altered.
  func others(of table: [String]) -> [TableLock] {
    if let parent { return [TableLock(parent, .shareUpdateExclusive)] }
    guard let partition else { return [] }
    return [
      TableLock(partition, .accessExclusive),
      TableLock(table, .accessExclusive, of: .defaultPartition),
    ]
  }

  /// SET (…) and RESET (…); `nil`: it is something else.
  private static func optionsMode(_ words: inout Words) -> TableLock.Mode? {
    guard words.take("set") || words.take("reset"), words.isNext(symbol: "(") else { return nil }
    // Those that change what a query does (PostgreSQL 15, `reloptions.c`).
    let strong = ["user_catalog_table", "security_barrier", "security_invoker", "check_option"]
    let options = words.takeWordsInGroup()
    return options.contains(where: strong.contains) ? .accessExclusive : .shareUpdateExclusive
  }
}
