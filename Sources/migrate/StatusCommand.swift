internal import ArgumentParser

/// `migrate status`.
struct StatusCommand: DatabaseCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show which files are applied, changed, pending or applied in part.",
    helpNames: [.long, .customShort("?")])

  @OptionGroup var options: ConnectionOptions

  @Flag(help: "Exit with 4 if anything is pending, with 10 if a file is applied in part.")
  var check = false

  func run() async throws {
    let files = try await options.files()
    let command = self
    try await MigrationWork.look(options) { connection in
      let ledger = try await Ledger.read(connection, files: files.versioned)
      let plan = try Plan(files: files, ledger: ledger, codeHashes: MigrationWork.codeHashes)
      try command.tell(files, plan, ledger)
    }
  }

  private func tell(_ files: MigrationFiles, _ plan: Plan, _ ledger: Ledger) throws {
    let changed = Set(plan.repeatable.map(\.path))
    for file in files.all {
      let partial = file.version.flatMap { plan.partial[$0] }
      let state =
        if partial != nil {
          "partial"
        } else if let number = file.version, ledger.versioned[number] == nil {
          "pending"
        } else if changed.contains(file.path) {
          ledger.repeatable[file.path] == nil ? "pending" : "changed"
        } else {
          "applied"
        }
      var record = Record("file", path: file.path, number: file.version, state: state)
      record.statement = partial?.done
      record.statements = partial?.statements
      Output.data(record, "\(state)  \(file.path)")
      if let partial {
        let report = PartialReport(partial, file: file, variables: options.variableValues)
        for line in report.lines {
          Output.talk(Record("next", path: file.path, message: line), line)
        }
      }
    }
    guard check else { return }
    if let partial = plan.partial.values.first {
      throw MigrateFailure(code: .partial, message: "\(partial.path) is applied in part")
    }
    let count = plan.versioned.count + plan.repeatable.count
    if count > 0 {
      throw MigrateFailure(
        code: .pending, message: count == 1 ? "1 file is pending" : "\(count) files are pending",
        lines: ["HINT: migrate up applies them."])
    }
  }
}
