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
    let files = try await options.files()
    let file = try FileArgument.find(file, in: files, folder: options.sqlDir)
    let script = try FileScript(file, variables: options.variableValues)
    try await MigrationWork.look(options) { connection in
      let ledger = try await Ledger.read(connection, files: files.versioned)
      let partial = file.version.flatMap { ledger.partial[$0] }
      var record = Record("file", path: file.path, number: file.version)
      record.state = partial != nil ? "partial" : Self.state(of: script.source, ledger)
      record.hash = "\(script.source.hash)"
      record.isTransactional = script.headers.isTransactional
      record.statements = script.steps.count
      Output.data(
        record,
        """
        file         \(file.path)
        state        \(record.state ?? "")
        sha256       \(script.source.hash)
        transaction  \(script.headers.isTransactional ? "one for the whole file" : "one per statement")
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
      try await History.tell(connection, path: file.path)
    }
  }

  private static func state(of file: FileText, _ ledger: Ledger) -> String {
    switch ledger.state(of: file.file) {
    case nil: "pending"
    case .same: "applied"
    case .other(let applied):
      switch applied.difference(from: file, MigrationWork.codeHashes) {
      case .none: "applied"
      case .comments: file.file.version == nil ? "changed" : "applied"
      case .code: "changed"
      }
    }
  }
}
