/// Why the tool ends without having done its work: what is wrong, what to do, and the exit code.
struct MigrateFailure: Error, Equatable {
  enum Code: Int32, CaseIterable {
    case usage = 1
    case connection = 2
    case sql = 3
    case pending = 4
    case locked = 5
    case history = 6
    case checks = 7
    case lockRetries = 9
    case partial = 10
    case newer = 11
    case interrupted = 130
    case terminated = 143
  }

  var code: Code
  /// The first line, after `migrate: error: `.
  var message: String
  /// Further lines, as they are: where, why, what is true now, what to do.
  var lines: [String] = []
  /// The same of an SQL error, for programs.
  var details: Record.SQLError?
}

extension MigrateFailure {
  /// What is true where nothing was begun.
  static let nothing = "NOW: nothing was done."

  /// What a line says that begins so; the last one, as the server's own hint comes before ours.
  func line(_ name: String) -> String? {
    lines.last { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
  }

  /// The same, with what is true now, unless it says that already.
  /// - Parameter now: A line, before what to do.
  func saying(_ now: String) -> MigrateFailure {
    guard !lines.contains(where: { $0.hasPrefix("NOW: ") }) else { return self }
    var failure = self
    failure.lines.insert(now, at: lines.firstIndex { $0.hasPrefix("HINT: ") } ?? lines.endIndex)
    return failure
  }

  /// Does something that reads files in the middle of the work: one that has been edited, or has gone, since
  /// it was read first says what is true now.
  /// - Parameter now: A line.
  static func saying<Value>(
    _ now: @autoclosure () -> String, _ body: () throws -> Value
  ) throws -> Value {
    do {
      return try body()
    } catch let failure as MigrateFailure where failure.code == .usage {
      throw failure.saying(now())
    }
  }
}
