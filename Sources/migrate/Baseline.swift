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
    let files = try MigrationFiles.load(from: options.sqlDir)
    let at = at, reason = reason
    guard files.versioned.contains(where: { $0.version == at }) else {
      throw MigrateFailure(
        code: .usage, message: "no file has the number \(at)",
        lines: ["HINT: migrate status lists them."])
    }
    try await MigrationWork.run(options) { work in
      let ledger = try await Ledger.read(work.connection)
      if let first = ledger.versioned.numbers.min().flatMap({ ledger.versioned[$0]?.path })
        ?? ledger.partial.values.first?.path
      {
        throw MigrateFailure(
          code: .history, message: "the database has a history already: \(first) is applied",
          lines: ["HINT: migrate history shows it; a baseline is for a database without one."])
      }
      let baselined = files.versioned.filter { $0.version! <= at }
      let entries = try baselined.map { file in
        LedgerEntry(
          event: .baselined, file: file, codeHash: try MigrationWork.codeHash(file), reason: reason)
      }
      try await Ledger.create(work.connection)
      try await work.connection.transaction { connection in
        for entry in entries { try await Ledger.record(entry, connection) }
      }
      for file in baselined {
        Output.data(
          Record("file", path: file.path, number: file.version, state: "baselined"),
          "baselined  \(file.path)")
      }
    }
  }
}
