/// What a statement has done that no file may: the run ends there, whatever the server says.
struct Objection: Error, Equatable {
  /// What it has done, with its place where that is known.
  var message: String
  /// What to do about it, as half a sentence.
  var hint: String

  /// - Parameters:
  ///   - now: What is true now, as a line.
  ///   - code: The exit code.
  func failure(now: String, code: MigrateFailure.Code = .usage) -> MigrateFailure {
    MigrateFailure(code: code, message: message, lines: [now, "HINT: \(hint)."])
  }
}
