internal import SQLScript

/// A file's statements.
struct FileScript: Sendable {
  let source: FileText
  let steps: [Script.Step]
  /// SHA-256 of it without comments and white space, and without the variables' values.
  let codeHash: String
  private let lines: SourceLines

  /// - Throws: `MigrateFailure` of code `usage`, with the place.
  init(_ file: MigrationFile, variables: [String: String]) throws {
    try self.init(file.read(), variables: variables)
  }

  init(_ source: FileText, variables: [String: String]) throws {
    self.source = source
    let text = source.text
    lines = SourceLines(text)
    do {
      steps = try Script(text, variables: variables).steps
      codeHash = try Self.hash(variables.isEmpty ? steps[...] : Script(text).steps[...])
    } catch {
      throw Self.failure(error.message, hint: error.hint, at: error.offset, of: source)
    }
  }

  var file: MigrationFile { source.file }
  var headers: Headers { source.headers }
  var text: String { source.text }

  /// - Throws: `MigrateFailure` of code `usage` if a statement cannot be applied from a file like this.
  func check() throws {
    for step in steps {
      guard let (message, hint) = Self.objection(to: step.statement, in: source) else { continue }
      throw Self.failure(message, hint: hint, at: step.statement.firstTokenOffset, of: source)
    }
  }

  /// SHA-256 of statements without comments and white space.
  static func hash(_ steps: ArraySlice<Script.Step>) -> String { CodeHash(steps).text }

  /// Where a statement begins, like `7:1`.
  func place(of step: Script.Step) -> SourcePosition {
    lines.position(at: step.statement.firstTokenOffset)
  }

  /// The line of it, from 1.
  func line(of step: Script.Step) -> Int { lines.line(at: step.statement.firstTokenOffset) }

  /// Checks every file, so that nothing is applied if one of them cannot be.
  static func check(_ plan: Plan, variables: [String: String]) throws {
    try MigrateFailure.saying("NOW: nothing was applied.") {
      for file in plan.files { try FileScript(file, variables: variables).check() }
    }
  }

  /// What stands against a statement in a file of this kind, and what to do.
  private static func objection(
    to statement: Statement, in source: FileText
  ) -> (message: String, hint: String)? {
    let alone: String
    let kind = statement.kind
    func word() -> String { statement.words.first?.uppercased() ?? "" }
    if !source.headers.isTransactional, kind == .transactionControl || statement.isSavepoint {
      return (
        "\(word()) has no place here: each statement of this file is a transaction of its own",
        "put what belongs together into a file without no-transaction"
      )
    }
    // What a file has set is set once more for each of its later statements.
    if !source.headers.isTransactional, statement.settingCall == .computed {
      return (
        "set_config has no place here but as SELECT set_config('name', 'value', false): it is carried out once more for each later statement",
        "write SET name = 'value'; or, where the value is computed, keep it in a table, or put what needs it into a file without no-transaction"
      )
    }
    switch kind {
    case .transactionControl:
      return (
        "\(word()) has no place here: migrate itself begins and ends the transaction",
        "leave it out; the whole file is applied, or nothing of it"
      )
    case .indexBuild(let build) where !source.headers.isTransactional:
      guard build.name == nil else { return nil }
      return (
        "CREATE INDEX CONCURRENTLY without a name",
        "name the index: what a failed build leaves behind could not be found again"
      )
    case .indexBuild: alone = "CREATE INDEX CONCURRENTLY"
    case .outsideTransaction("DISCARD ALL"):
      return (
        "DISCARD ALL has no place here: it releases the lock that lets one runner work at a time",
        "leave it out; what a file sets ends with it"
      )
    case .outsideTransaction(let command): alone = command
    case .copyFromStdin, .copyToStdout, .other: return nil
    }
    guard source.headers.isTransactional else { return nil }
    return (
      "\(alone) cannot run inside a transaction",
      source.file.kind == .repeatable
        ? "put it into a file of migrations/ with the header \(Headers.prefix) no-transaction"
        : "put it into a file of its own, with the header \(Headers.prefix) no-transaction at its top"
    )
  }

  private static func failure(
    _ message: String, hint: String?, at offset: Int, of source: FileText
  ) -> MigrateFailure {
    let place = SourcePosition(offset: offset, in: source.text)
    return MigrateFailure(
      code: .usage, message: "\(source.file.path):\(place): \(message)",
      lines: place.excerpt + (hint.map { ["HINT: \($0)."] } ?? [])
        + ["NOW: nothing was applied."])
  }
}
