internal import ArgumentParser
internal import Postgres

/// `migrate up`.
struct Up: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Apply what was not applied yet.",
    helpNames: [.long, .customShort("?")])

  @OptionGroup var options: ConnectionOptions

  func run() async throws {
    let options = options
    let files = try MigrationFiles.load(from: options.sqlDir)
    try await Interruptible.run {
      let connection = try await options.connect()
      do {
        try await Self.work(connection, files: files, options: options)
      } catch let error as PostgresError {
        await connection.close()
        throw MigrateFailure(
          code: error.isConnectionLost ? .connection : .sql, message: error.description,
          lines: [error.detail.map { "DETAIL: \($0)" }, error.hint.map { "HINT: \($0)" }].compactMap
          { $0 })
      } catch {
        await connection.close()
        throw error
      }
      await connection.close()
    }
  }

  private static func work(
    _ connection: PostgresConnection, files: MigrationFiles, options: ConnectionOptions
  ) async throws {
    let start = ContinuousClock.now
    try await SessionLock(connection: connection, timeout: .seconds(options.lockTimeout)).acquire()
    // Read only now: what another runner has applied while we waited is in it.
    let plan = try Plan(files: files, ledger: try await Ledger.read(connection))
    let all = files.versioned.count + files.repeatable.count
    guard !plan.isEmpty else {
      if !options.quiet { Output.data("nothing to do: all \(all) files are applied") }
      return
    }
    try await Ledger.create(connection)
    let summary = try await Runner(connection: connection, isQuiet: options.quiet).apply(plan)
    if !options.quiet {
      Output.data(
        "done: \(summary.applied) of \(all) files applied in \(Output.milliseconds(start.duration(to: .now)))"
      )
    }
  }
}
