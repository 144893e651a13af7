/// Which statements are prepared on a connection: those used a second time, the latest ones.
struct StatementCache: Sendable {
  enum Plan: Equatable {
    /// Send the text.
    case unprepared
    /// Prepare it under this name first; forget the other statement, if any.
    case prepare(name: String, evict: String?)
    /// It is prepared under this name.
    case prepared(name: String)
  }

  private let capacity: Int
  private var seenOnce: Set<String> = []
  private var names: [String: String] = [:]
  /// Least recently used first.
  private var order: [String] = []
  private var count = 0

  init(capacity: Int = 64) { self.capacity = capacity }

  /// Decides how to send a statement.
  mutating func plan(for sql: String) -> Plan {
    if let name = names[sql] {
      if let index = order.firstIndex(of: sql) { order.append(order.remove(at: index)) }
      return .prepared(name: name)
    }
    guard seenOnce.remove(sql) != nil else {
      if seenOnce.count >= capacity { seenOnce.removeAll() }
      seenOnce.insert(sql)
      return .unprepared
    }
    var evicted: String?
    if order.count >= capacity { evicted = names.removeValue(forKey: order.removeFirst()) }
    count += 1
    let name = "s\(count)"
    return .prepare(name: name, evict: evicted)
  }

  /// A statement was prepared.
  mutating func add(_ sql: String, name: String) {
    names[sql] = name
    order.append(sql)
  }

  /// A statement is of no use any more.
  mutating func forget(_ sql: String) {
    names[sql] = nil
    order.removeAll { $0 == sql }
  }
}
