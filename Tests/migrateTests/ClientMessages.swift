/// What a client of PostgreSQL sends, cut into what it sends at once: a query with all that belongs to it, the
/// data of COPY, their end. How the network cuts it is another matter, and differs from run to run (PostgreSQL
/// documentation, "Message Formats").
struct ClientMessages {
  private var rest: [UInt8] = []
  /// How much of it is whole messages whose end has not come.
  private var length = 0
  /// The first message has no type.
  private var isStartup = true

  /// Query, Sync, Flush, Terminate, CopyData, CopyDone, CopyFail.
  private static let ends = Set("QSHXdcf".utf8)

  /// - Returns: What has become whole.
  mutating func add(_ bytes: [UInt8]) -> [[UInt8]] {
    rest += bytes
    var whole: [[UInt8]] = []
    while true {
      let begin = length + (isStartup ? 0 : 1)
      guard rest.count >= begin + 4 else { return whole }
      let size = rest[begin..<begin + 4].reduce(0) { $0 << 8 | Int($1) }
      guard rest.count >= begin + size else { return whole }
      let isEnd = isStartup || Self.ends.contains(rest[length])
      isStartup = false
      length = begin + size
      guard isEnd else { continue }
      whole.append(Array(rest[..<length]))
      rest.removeFirst(length)
      length = 0
    }
  }
}
