internal import ArgumentParser
internal import Postgres

/// `migrate status`.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show which files are applied, changed or pending.",
    helpNames: [.long, .customShort("?")])

  @OptionGroup var options: ConnectionOptions

  @Flag(help: "Exit with 4 if anything is pending.")
  var check = false

  func run() async throws {
    let files = try MigrationFiles.load(from: options.sqlDir)
    let connection = try await options.connect()
    let ledger: Ledger
    do {
      ledger = try await Ledger.read(connection)
    } catch let error as PostgresError {
      throw MigrateFailure(
        code: error.isConnectionLost ? .connection : .sql, message: error.description,
        lines: error.hint.map { ["HINT: \($0)"] } ?? [])
    }
    await connection.close()
    let plan = try Plan(files: files, ledger: ledger)
    if !options.quiet {
      for file in files.versioned + files.repeatable {
        Output.data("\(Self.state(of: file, plan: plan, ledger: ledger))  \(file.path)")
      }
    }
    let pending = plan.versioned.count + plan.repeatable.count
    if check, pending > 0 {
      throw MigrateFailure(
        code: .pending, message: "\(pending) files are pending",
        lines: ["HINT: migrate up applies them."])
    }
  }

  private static func state(of file: MigrationFile, plan: Plan, ledger: Ledger) -> String {
    if plan.versioned.contains(file) { return "pending" }
    if plan.repeatable.contains(file) {
      return ledger.repeatable[file.path] == nil ? "pending" : "changed"
    }
    return "applied"
  }
}
