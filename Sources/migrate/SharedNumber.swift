/// Files that have the same number.
struct SharedNumber: Error, Equatable {
  var number: Int
  /// By name.
  var paths: [String]

  /// What the database says of the number.
  enum Answer: Sendable, Equatable {
    /// It could not be asked.
    case none
    case isFree
    /// A file of that path is applied, or was begun.
    case isTaken(String)
  }

  func failure(_ answer: Answer) -> MigrateFailure {
    let hint =
      switch answer {
      case .none:
        "migrate renumber FILE gives one of them the next free one; it refuses the one that is applied"
      case .isFree:
        "migrate renumber \(paths.last!) gives it the next free one; none of them is applied"
      case .isTaken(let path) where paths.contains(path):
        "migrate renumber \(paths.last { $0 != path }!) gives it the next free one; \(path) is applied"
      case .isTaken(let path):
        "\(path) is applied with it: give the file that this was its name back; migrate renumber FILE gives the other one the next free number"
      }
    return MigrateFailure(
      code: .usage,
      message: "\(paths.reversed().joined(separator: " and ")) have the same number",
      lines: [MigrateFailure.nothing, "HINT: \(hint)."])
  }
}
