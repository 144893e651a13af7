internal import AsyncIO
internal import Postgres
internal import SQLScript

/// A connection that holds the lock, and what is found once it does.
struct MigrationWork: Sendable {
  let connection: PostgresConnection
  let configuration: PostgresConfiguration
  let options: ConnectionOptions

  /// Connects, waits for the lock, and lends both. Signals cancel the work.
  static func run(
    _ options: ConnectionOptions, _ body: @escaping @Sendable (MigrationWork) async throws -> Void
  ) async throws {
    try await Interruptible.run {
      try await open(options) { work in
        try await SessionLock(
          connection: work.connection, timeout: .seconds(options.lockTimeout)
        ).acquire()
        try await body(work)
      }
    }
  }

  /// Connects without the lock, for what only looks.
  static func look(
    _ options: ConnectionOptions,
    _ body: @escaping @Sendable (PostgresConnection) async throws -> Void
  ) async throws {
    try await Interruptible.run {
      try await open(options) { work in
        try await readOnly(work.connection)
        try await body(work.connection)
      }
    }
  }

  /// From now on the session refuses to write.
  static func readOnly(_ connection: PostgresConnection) async throws {
    try await connection.execute("SET default_transaction_read_only = on")
  }

  private static func open(
    _ options: ConnectionOptions, _ body: (MigrationWork) async throws -> Void
  ) async throws {
    let (connection, configuration) = try await options.connect()
    do {
      try await body(
        MigrationWork(connection: connection, configuration: configuration, options: options))
    } catch let error as PostgresError {
      await connection.close()
      throw SQLErrorReport.failure(error)
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  /// What is to be done.
  func plan(_ files: MigrationFiles, upTo limit: Int? = nil) async throws -> (Plan, Ledger) {
    do {
      let ledger = try await Ledger.read(connection, files: files.versioned)
      let plan = try Plan(
        files: files, ledger: ledger, upTo: limit, codeHashes: Self.codeHashes)
      return (plan, ledger)
    } catch let failure as MigrateFailure {
      throw failure.saying("NOW: nothing was applied.")
    }
  }

  /// SHA-256 of a file without comments and white space; `nil` if it cannot be read as a script.
  static func codeHash(_ file: FileText) -> String? {
    try? FileScript(file, variables: [:]).codeHash
  }

  /// The same as it is and, since a checkout on another system is the same file, with the other line ends.
  static func codeHashes(_ file: FileText) -> [Hash] {
    let unix = FileText.withUnixLineEnds(file.text.utf8)
    var windows: [UInt8] = []
    windows.reserveCapacity(unix.count * 2)
    for byte in unix {
      if byte == 0x0A { windows.append(0x0D) }
      windows.append(byte)
    }
    let texts = [
      file.text, String(decoding: unix, as: UTF8.self), String(decoding: windows, as: UTF8.self),
    ]
    return texts.compactMap { text in
      (try? Script(text)).map { Hash(FileScript.hash($0.steps[...])) }
    }
  }

  /// Applies a plan that is not empty.
  func apply(_ plan: Plan, of files: MigrationFiles) async throws -> Runner.Summary {
    try FileScript.check(plan, variables: options.variableValues)
    do {
      try await Ledger.create(connection)
    } catch is CancellationError {
      // The ledger may be there by now.
      throw LedgerTransaction.stopped("no file was applied.")
    }
    let watch = await Watch(connection, configuration)
    let runner = Runner(
      connection: connection, watch: watch, variables: options.variableValues,
      repeatable: files.repeatable.map(\.path))
    return try await watch.during {
      // Many short statements: each answer wakes the runner without a change of thread.
      try await IOThread.run { try await runner.apply(plan) }
    }
  }
}
