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
