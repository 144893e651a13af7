internal import ArgumentParser
internal import SQLScript

/// `migrate show`.
struct Show: DatabaseCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show one file: its state, its statements, and what befell it.",
    helpNames: [.long, .customShort("?")])

  @OptionGroup var options: ConnectionOptions

  @Argument(help: ArgumentHelp("Number or path.", valueName: "file"))
  var file: String

  func run() async throws {
    let files = try MigrationFiles.load(from: options.sqlDir)
    let file = try FileArgument.find(file, in: files, folder: options.sqlDir)
    let script = try FileScript(file, variables: options.variableValues)
    try await MigrationWork.look(options) { connection in
      let ledger = try await Ledger.read(connection)
      let applied = file.version.map { ledger.versioned[$0] } ?? ledger.repeatable[file.path]
      let partial = file.version.flatMap { ledger.partial[$0] }
      var record = Record("file", path: file.path, number: file.version)
      record.state =
        try partial != nil ? "partial" : applied.map { try Self.state(of: file, $0) } ?? "pending"
      record.hash = "\(file.hash)"
      record.isTransactional = file.headers.isTransactional
      record.statements = script.steps.count
      Output.data(
        record,
        """
        file         \(file.path)
        state        \(record.state ?? "")
        sha256       \(file.hash)
        transaction  \(file.headers.isTransactional ? "one for the whole file" : "one per statement")
        """)
      for (index, step) in script.steps.enumerated() {
        let place = script.place(of: step)
        let text = PartialReport.text(of: step, in: script, limit: 200)
        var record = Record("statement", path: file.path, message: text)
        record.statement = index + 1
        record.place = "\(place)"
        Output.data(record, "statement    \(index + 1) at \(place): \(text.prefix(80))")
      }
      if let partial {
        let report = PartialReport(partial, file: file, variables: options.variableValues)
        for line in report.lines {
          Output.talk(Record("next", path: file.path, message: line), line)
        }
      }
      if file.kind == .repeatable, try await LedgerState.read(connection).isCurrent {
        let objects = try await ObjectCatalog(connection: connection).owners(among: [file.path])
        for object in objects.keys.map(\.description).sorted() {
          Output.data(Record("object", path: file.path, object: object), "makes        \(object)")
        }
      }
      for row in try await History.rows(connection, path: file.path) { row.tell() }
    }
  }

  /// Of one that was applied.
  private static func state(of file: MigrationFile, _ applied: Ledger.Entry) throws -> String {
    switch try applied.difference(from: file, MigrationWork.codeHashes) {
    case .none: "applied"
    case .comments: file.version == nil ? "changed" : "applied"
    case .code: "changed"
    }
  }
}
