@testable internal import SQLScript

/// `\if … \elif … \else … \endif` as psql nests them (PostgreSQL 15, `src/fe_utils/conditional.c` and
/// `src/bin/psql/command.c`). They may stand within a statement: of a branch that is not taken the text is read,
/// and discarded at its end.
struct Conditionals {
  private enum Branch {
    case taken
    /// Not taken, and a later one may be.
    case awaited
    /// Not taken, and none behind it is: one was before, or all of it stands in a branch that is not taken.
    case over
  }

  private struct Level {
    var branch: Branch
    var isElse = false
    /// What psql goes back to at the end of a branch that is not taken.
    var saved: Splitter
  }

  private var levels: [Level] = []

  /// Whether what stands here is carried out.
  var isActive: Bool { levels.last.map { $0.branch == .taken } ?? true }

  /// - Returns: Whether the command is one of these.
  mutating func take(_ command: MetaCommand, _ splitter: inout Splitter) -> Bool {
    let isActiveBefore = isActive
    switch command.name {
    case "if":
      levels.append(Level(branch: isActiveBefore ? .awaited : .over, saved: splitter))
      decide(command, splitter)
    case "elif" where levels.last?.isElse == false:
      endBranch(&splitter)
      decide(command, splitter)
    case "else" where levels.last?.isElse == false:
      endBranch(&splitter)
      if levels[levels.count - 1].branch == .awaited { levels[levels.count - 1].branch = .taken }
      levels[levels.count - 1].isElse = true
    case "endif" where !levels.isEmpty:
      endBranch(&splitter)
      levels.removeLast()
    // One that has no partner is an error, and nothing else.
    case "elif", "else", "endif": break
    default: return false
    }
    // What is not carried out is read without the values of variables.
    if !isActive { splitter.variables = [:] }
    return true
  }

  /// The branch at hand ends: what it has put into the statement stays, or is taken back.
  private mutating func endBranch(_ splitter: inout Splitter) {
    let last = levels.count - 1
    if levels[last].branch == .taken {
      levels[last].saved = splitter
      levels[last].branch = .over
    } else {
      let offset = splitter.offset
      splitter = levels[last].saved
      splitter.offset = offset
    }
  }

  private mutating func decide(_ command: MetaCommand, _ splitter: Splitter) {
    guard levels[levels.count - 1].branch == .awaited,
      Self.isTrue(command.arguments, splitter.variables)
    else { return }
    levels[levels.count - 1].branch = .taken
  }

  /// What psql takes for true; anything else is false, or an error that counts as false.
  private static func isTrue(_ expression: String, _ variables: [String: String]) -> Bool {
    if let name = expression.wholeMatch(of: /:\{\?([a-z_0-9]+)\}/)?.1 {
      return variables[String(name)] != nil
    }
    let name = expression.hasPrefix(":") ? String(expression.dropFirst()) : nil
    let value = (name.flatMap { variables[$0] } ?? expression).lowercased()
    guard !value.isEmpty else { return false }
    return "true".hasPrefix(value) || "yes".hasPrefix(value) || ["on", "1"].contains(value)
  }
}
