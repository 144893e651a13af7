internal import SQLScript

/// What the splitter finds in a script up to where only psql could go on: another meta-command than `\restrict`
/// and `\unrestrict`, something behind a COPY … FROM STDIN on its line, or what has no end.
struct ScriptParts {
  struct Part {
    let statement: Statement
    /// Of each COPY … FROM STDIN in it.
    let data: [CopyData]
    /// Where the splitter goes on, in bytes: behind the data.
    let next: Int
    /// Whether nothing stands between the statement and the data.
    let isLineDone: Bool
  }

  private(set) var parts: [Part] = []
  /// `\restrict` and `\unrestrict`, with partner or without.
  private(set) var restrictions: [MetaCommand] = []
  /// Whether these are all.
  private(set) var isWhole = false

  init(_ script: String, imitatesPsql: Bool = false) {
    var splitter = Splitter(script, variables: ["x": "y'z"])
    splitter.imitatesPsql = imitatesPsql
    do {
      isWhole = try read(&splitter)
    } catch {
      isWhole = false
    }
  }

  private mutating func read(_ splitter: inout Splitter) throws(ScriptError) -> Bool {
    while let piece = try splitter.next() {
      switch piece {
      case .metaCommand(let command):
        guard ["restrict", "unrestrict"].contains(command.name) else { return false }
        restrictions.append(command)
      case .statement(let statement):
        var data: [CopyData] = []
        var isLineDone = true
        if case .copyFromStdin(let count) = statement.kind {
          isLineDone = splitter.isLineDone
          for _ in 0..<count { data.append(try splitter.copyData()) }
        }
        parts.append(
          Part(statement: statement, data: data, next: splitter.offset, isLineDone: isLineDone))
        guard isLineDone else { return false }
      }
    }
    return true
  }
}
