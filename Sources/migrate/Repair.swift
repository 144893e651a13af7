internal import ArgumentParser

/// `migrate repair`.
struct Repair: DatabaseCommand {
  static let configuration = CommandConfiguration(
    abstract: "Record that an edited or renamed file does what the applied one did.",
    discussion: """
      Nothing is run. The file's new hash counts from now on; who said so, when and why stays in the \
      ledger.
      """,
    helpNames: [.long, .customShort("?")])

  @OptionGroup var options: ConnectionOptions

  @Argument(help: ArgumentHelp("Number or path.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("Why; it is recorded.", valueName: "text"))
  var reason: String

  func validate() throws {
    if reason.trimmed.isEmpty { throw ValidationError("--reason is empty") }
  }

  func run() async throws {
    let files = try await options.files()
    let file = try FileArgument.find(file, in: files, folder: options.sqlDir)
    let source = try file.read()
    let reason = reason
    try await MigrationWork.run(options) { work in
      let ledger = try await Ledger.read(work.connection, files: files.versioned)
      switch ledger.state(of: file) {
      case .other(let applied)
      where applied.hash != source.hash || applied.rawHash != source.rawHash
        || applied.path != file.path:
        break
      case .same, .other:
        Output.data(
          Record("done", path: file.path), "nothing to do: \(file.path) is as it was applied")
        return
      case nil:
        throw MigrateFailure(
          code: .usage, message: "\(file.path) was not applied",
          lines: [MigrateFailure.nothing, "HINT: migrate up applies it."])
      }
      try await LedgerTransaction(
        connection: work.connection, name: "the repair", nothing: "nothing was recorded."
      ).run { connection in
        try await Ledger.create(connection)
        try await Ledger.record(
          LedgerEntry(
            event: .repaired, file: source, codeHash: MigrationWork.codeHash(source),
            reason: reason),
          connection)
      }
      Output.data(
        Record("file", path: file.path, number: file.version, state: "repaired"),
        "repaired  \(file.path)")
    }
  }
}
