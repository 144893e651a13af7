/// A script that a program runs without psql: its statements, with the data of COPY … FROM STDIN.
public struct Script: Sendable, Equatable {
  public struct Step: Sendable, Equatable {
    public let statement: Statement
    /// What follows COPY … FROM STDIN; `nil` for any other statement.
    public let data: CopyData?
  }

  /// In order; without those that hold nothing but comments.
  public let steps: [Step]

  /// - Parameters:
  ///   - text: The script.
  ///   - variables: Values for `:name`, `:'name'`, `:"name"` and `:{?name}`, by name.
  /// - Throws: `ScriptError` for what has no end, and for what only psql can do: its meta-commands, but
  ///   for `\restrict` and `\unrestrict` in pairs, which dumps have; statements joined by `\;`; COPY … TO
  ///   STDOUT.
  public init(_ text: String, variables: [String: String] = [:]) throws(ScriptError) {
    var splitter = Splitter(text, variables: variables)
    var steps: [Step] = []
    var restriction: MetaCommand?
    while let piece = try splitter.next() {
      switch piece {
      case .metaCommand(let command):
        restriction = try Self.restriction(after: command, restriction)
      case .statement(let statement):
        guard !statement.isEmpty else { continue }
        steps.append(Step(statement: statement, data: try Self.data(for: statement, &splitter)))
      }
    }
    if let restriction {
      throw ScriptError(
        "\\restrict has no \\unrestrict", at: restriction.offset,
        hint: "a dump ends with \\unrestrict and the same key: is the file whole?")
    }
    self.steps = steps
  }

  private static func data(
    for statement: Statement, _ splitter: inout Splitter
  ) throws(ScriptError) -> CopyData? {
    guard statement.joins == 0 else {
      throw ScriptError(
        "\\; joins statements into one message", at: statement.firstTokenOffset,
        hint: "write ; without the backslash")
    }
    switch statement.kind {
    case .copyFromStdin:
      guard splitter.isLineDone else {
        throw ScriptError(
          "something follows COPY … FROM STDIN on its line", at: splitter.offset,
          hint: "put it below the data: they begin on the next line")
      }
      return try splitter.copyData()
    case .copyToStdout:
      throw ScriptError(
        "COPY … TO STDOUT has nobody to copy to", at: statement.firstTokenOffset,
        hint: "leave it out; a query is asked with psql")
    case .transactionControl, .indexBuild, .outsideTransaction, .other: return nil
    }
  }

  /// The `\restrict` that holds behind a meta-command.
  private static func restriction(
    after command: MetaCommand, _ restriction: MetaCommand?
  ) throws(ScriptError) -> MetaCommand? {
    switch (command.name, restriction) {
    case ("restrict", nil) where !command.isInsideStatement && !command.arguments.isEmpty:
      return command
    case ("unrestrict", let open?)
    where !command.isInsideStatement && command.arguments == open.arguments:
      return nil
    case ("restrict", _), ("unrestrict", _):
      throw ScriptError(
        "\\\(command.name) has no partner here", at: command.offset,
        hint: "a dump has \\restrict and \\unrestrict in pairs, with the same key")
    default:
      throw ScriptError(
        "\\\(command.name) is a command of psql", at: command.offset, hint: command.replacement)
    }
  }
}
