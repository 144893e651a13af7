internal import ArgumentParser

/// `migrate resume`.
struct Resume: DatabaseCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go on with a file that is applied in part, then with the others.",
    discussion: """
      Only a file with the header no-transaction can be applied in part. Its statements that are done \
      are not carried out again, and must stand in the file as they ran; what follows them may be mended. \
      An index that a failed CREATE INDEX CONCURRENTLY has left behind INVALID is dropped and built anew.
      """,
    helpNames: [.long, .customShort("?")])

  @OptionGroup var options: ConnectionOptions

  @Flag(help: "Take the statement at hand for done: it was carried out by hand. Needs --reason.")
  var skip = false

  @Option(help: ArgumentHelp("Why; it is recorded.", valueName: "text"))
  var reason: String?

  func validate() throws {
    if skip, reason?.trimmed.isEmpty ?? true { throw ValidationError("--skip needs --reason") }
  }

  func run() async throws {
    let files = try await options.files()
    let command = self
    try await MigrationWork.run(options) { work in
      var (plan, _) = try await work.plan(files)
      guard let file = plan.versioned.first, let number = file.version,
        let partial = plan.partial[number]
      else {
        throw MigrateFailure(
          code: .usage, message: "no file is applied in part",
          lines: [MigrateFailure.nothing, "HINT: migrate up applies what is pending."])
      }
      if command.skip {
        // What cannot be applied is refused before anything is written down.
        try FileScript.check(plan, variables: command.options.variableValues)
        try await command.skipStatement(of: file, partial, work)
        do {
          (plan, _) = try await work.plan(files)
        } catch is CancellationError {
          throw LedgerTransaction.stopped(
            "statement \(partial.done + 1) of \(file.path) is recorded as done; nothing else was changed.",
            hint: "migrate resume goes on")
        }
      }
      try await UpWork(work: work, files: files, limit: nil, prunes: false).run(plan)
    }
  }

  private func skipStatement(
    of file: MigrationFile, _ partial: Ledger.Partial, _ work: MigrationWork
  ) async throws {
    let script = try FileScript(file, variables: options.variableValues)
    try partial.check(script)
    guard partial.done < script.steps.count else { return }
    let row = LedgerEntry(
      event: .progressed, file: script.source,
      codeHash: FileScript.hash(script.steps[...partial.done]),
      statement: partial.done + 1, statements: script.steps.count, reason: reason)
    try await LedgerTransaction(
      connection: work.connection, name: "the row", nothing: "nothing was recorded."
    ).run { try await Ledger.record(row, $0) }
  }
}
