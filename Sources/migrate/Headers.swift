internal import Glibc
internal import SQLScript

/// What a file says of itself in comments at its top, `-- migrate: …`: psql still runs the file.
struct Headers: Sendable, Equatable {
  /// `no-transaction`: its statements run one by one, each recorded.
  var isTransactional = true
  /// `lock_timeout=…`, as PostgreSQL takes it: a number of milliseconds, or one with a unit.
  var lockTimeout: String?
  /// `out-of-order-ok`: may be applied when a later number is applied already.
  var isOutOfOrderOK = false

  static let prefix = "-- migrate:"

  /// The setting that a statement waits for a lock with, unless a header says otherwise.
  static let defaultLockTimeout = "3s"

  init() {}

  /// - Parameters:
  ///   - text: The file, without a byte order mark.
  ///   - path: Its name, for the error.
  /// - Throws: `MigrateFailure` of code `usage`: a header that is not known, or that nobody would heed,
  ///   must not be passed over.
  init(of text: some Collection<UInt8>, path: @autoclosure () -> String) throws {
    // Files are many, and few have one.
    guard Self.mayHaveOne(text) else { return }
    let script = Array(text)
    for comment in LineComment.all(in: String(decoding: script, as: UTF8.self)) {
      let line = script[comment.offset...].prefix { $0 != 0x0A }
      let before = script[..<comment.offset]
      let isAtTop = comment.isAtTop
      let isHeader = before.last.map { $0 == 0x0A } ?? true && line.starts(with: Self.prefix.utf8)
      // One that is not written as it is to be must not pass for a comment.
      guard isHeader || isAtTop && Self.isMeant(line) else { continue }
      let header = String(decoding: line, as: UTF8.self).trimmed
      func refuse(_ why: String, _ hint: String) -> MigrateFailure {
        MigrateFailure(
          code: .usage,
          message: "\(path()):\(before.count { $0 == 0x0A } + 1): \(why) \"\(header)\"",
          lines: ["HINT: \(hint)."])
      }
      guard isAtTop else {
        throw refuse(
          "too late for a header:", "headers stand above the first statement, nothing before them")
      }
      guard isHeader else {
        throw refuse("unknown header", "write \(Self.prefix) at the beginning of the line")
      }
      let items = header.dropFirst(Self.prefix.count).split { $0 == " " || $0 == "," || $0 == "\t" }
      for item in items where !take(item) {
        throw refuse(
          "unknown header",
          "known are no-transaction, lock_timeout=… (like 500ms, 10s, 1min; at most 24 days) and out-of-order-ok"
        )
      }
      if items.isEmpty { throw refuse("unknown header", "say what, or leave the line out") }
    }
  }

  /// Whether there is the prefix somewhere, blanks aside.
  private static func mayHaveOne(_ text: some Collection<UInt8>) -> Bool {
    let isFound = text.withContiguousStorageIfAvailable { text -> Bool in
      var rest = UnsafeBufferPointer(rebasing: text[...])
      while let start = rest.baseAddress,
        let dash = memchr(start, Int32(UInt8(ascii: "-")), rest.count)
      {
        rest = UnsafeBufferPointer(
          rebasing: rest[(UnsafeRawPointer(dash) - UnsafeRawPointer(start) + 1)...])
        guard rest.first == UInt8(ascii: "-") else { continue }
        let name = rest.dropFirst().drop(while: isBlank)
        if name.starts(with: "migrate".utf8),
          name.dropFirst("migrate".utf8.count).drop(while: isBlank).first == UInt8(ascii: ":")
        {
          return true
        }
      }
      return false
    }
    return isFound ?? true
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// Whether a line is the prefix but for blanks.
  private static func isMeant(_ line: some Collection<UInt8>) -> Bool {
    line.filter { !isBlank($0) }.starts(with: "--migrate:".utf8)
  }

  private mutating func take(_ item: Substring) -> Bool {
    switch item {
    case "no-transaction": isTransactional = false
    case "out-of-order-ok": isOutOfOrderOK = true
    default:
      guard item.hasPrefix("lock_timeout="),
        Self.isTimeout(item.dropFirst("lock_timeout=".count))
      else { return false }
      lockTimeout = String(item.dropFirst("lock_timeout=".count))
    }
    return true
  }

  /// Whether PostgreSQL takes it: at most 2147483647 ms, some 24 days.
  private static func isTimeout(_ text: Substring) -> Bool {
    guard let match = text.wholeMatch(of: /([0-9]{1,10})(ms|s|min|h)?/),
      let number = Int(match.1)
    else { return false }
    let unit =
      switch match.2 ?? "" {
      case "s": 1000
      case "min": 60_000
      case "h": 3_600_000
      default: 1
      }
    return number * unit <= Int(Int32.max)
  }
}

extension StringProtocol {
  var trimmed: String {
    var view = self[...]
    while view.first?.isWhitespace == true { view.removeFirst() }
    while view.last?.isWhitespace == true { view.removeLast() }
    return String(view)
  }
}
