internal import ArgumentParser
internal import Postgres

/// `migrate baseline`.
struct Baseline: DatabaseCommand {
  static let configuration = CommandConfiguration(
    abstract: "Record files as applied without running them: the database has been there before.",
    discussion: """
      For a database that was made by other means and is what the files up to that number would make. \
      Later ones, and the repeatable ones, are applied by migrate up.
      """,
    helpNames: [.long, .customShort("?")])

  @OptionGroup var options: ConnectionOptions

  @Option(help: ArgumentHelp("The last number that the database has already.", valueName: "number"))
  var at: Int

  @Option(help: ArgumentHelp("Why; it is recorded.", valueName: "text"))
  var reason: String?

  func run() async throws {
    let files = try await options.files()
    let at = at, reason = reason
    let nothing = "nothing was recorded."
    guard let last = files.versioned.index(of: at) else {
      throw files.noFile(at)
    }
    try await MigrationWork.run(options) { work in
      let ledger = try await Ledger.read(work.connection, files: files.versioned)
      do {
        try Plan.checkNewer(files, ledger)
      } catch let failure as MigrateFailure {
        throw failure.saying("NOW: \(nothing)")
      }
      if let first = ledger.versioned.oldest.flatMap(ledger.path)
        ?? ledger.partial.values.first?.path
      {
        throw MigrateFailure(
          code: .history, message: "the database has a history already: \(first) is applied",
          lines: [
            "NOW: \(nothing)",
            "HINT: migrate history shows it; a baseline is for a database without one.",
          ])
      }
      let baselined = files.versioned[...last]
      try await LedgerTransaction(
        connection: work.connection, name: "the baseline", nothing: nothing
      ).run { connection in
        try await Ledger.create(connection)
        for file in baselined {
          let source = try MigrateFailure.saying("NOW: \(nothing)") { try file.read() }
          let entry = LedgerEntry(
            event: .baselined, file: source, codeHash: MigrationWork.codeHash(source),
            reason: reason)
          try await Ledger.record(entry, connection)
        }
      }
      for file in baselined {
        Output.data(
          Record("file", path: file.path, number: file.version, state: "baselined"),
          "baselined  \(file.path)")
      }
    }
  }
}
