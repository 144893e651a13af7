internal import ArgumentParser
internal import Postgres

/// `migrate up`.
struct Up: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Apply what was not applied yet, and ask the project's checks.",
    discussion: """
      If there is a file sql/checks.sql, it is run at the end, also when there was nothing to do: \
      one SELECT, read-only, whose columns are severity, check, object and fix. Each row is a \
      finding, and one line on standard error. A row of severity error makes the command exit \
      with 7, when everything is applied; one of severity warning does not. No row: all is well.
      """,
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
    if plan.isEmpty {
      if !options.quiet { Output.data("nothing to do: all \(all) files are applied") }
    } else {
      try FileScript.check(plan, variables: options.variableValues)
      try await Ledger.create(connection)
      let runner = Runner(
        connection: connection, isQuiet: options.quiet, variables: options.variableValues)
      let summary = try await runner.apply(plan)
      if !options.quiet {
        Output.data(
          "done: \(summary.applied) of \(all) files applied in \(Output.milliseconds(start.duration(to: .now)))"
        )
      }
    }
    if let file = files.checks {
      try await Checks(file: file, connection: connection, isQuiet: options.quiet).run()
    }
  }
}
