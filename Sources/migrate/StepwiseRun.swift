internal import Postgres
internal import SQLScript

/// A file without a transaction: its statements one by one, each recorded.
struct StepwiseRun: Sendable {
  let runner: Runner
  let script: FileScript
  /// How far an earlier run has come; `nil`: this is the first.
  let partial: Ledger.Partial?
  /// How many files were applied before.
  var before = 0

  var file: MigrationFile { script.file }
  var connection: PostgresConnection { runner.connection }

  func run() async throws {
    runner.watch.fileBegins()
    try partial?.check(script)
    var progress = StepwiseProgress(script, partial)
    do {
      // Nothing is done yet that would have to be written down.
      try Task.checkCancellation()
      let event = partial == nil ? LedgerEvent.started : .resumed
      progress.entry = Self.number(of: try await write(event, Ledger.insert(entry(event))))
      progress.phase = .steps
      while progress.done < script.steps.count {
        let step = script.steps[progress.done]
        progress.begins(step)
        try await carryOut(step, &progress)
        progress.ends(step)
      }
      let took = progress.took
      let row = Ledger.insert(
        entry(.applied, codeHash: script.codeHash, milliseconds: took.milliseconds))
      progress.phase = .ending
      _ = try await write(.applied, "\(Runner.reset); \(row)")
      runner.report(file, took, waited: runner.watch.lockWait)
    } catch {
      throw await failure(error, progress)
    }
  }

  private func carryOut(_ step: Script.Step, _ progress: inout StepwiseProgress) async throws {
    let start = ContinuousClock.now
    let mode = StepMode(step.statement)
    let timeout = mode.isPatient ? "0" : script.headers.lockTimeout ?? Headers.defaultLockTimeout
    // That holds for each of its statements, also when this run is not the one that set it; the row in the
    // ledger is written without it.
    let prepare = (["SET lock_timeout = '\(timeout)'"] + progress.settings)
      .joined(separator: ";\n")
    if mode != .recorded { try await connection.execute(prepare) }
    progress.mode = mode
    switch mode {
    case .recorded:
      do {
        try await inTransaction(step, &progress, prepare)
        return
      } catch let error as PostgresError where error.sqlState == "25001" {
        // active_sql_transaction: one more that refuses to run in a transaction.
        progress.mode = nil
        try await connection.execute(prepare)
        progress.mode = .alone
        try await sendAlone(step, &progress)
      }
    case .alone, .routine, .reindex, .detach:
      try await sendAlone(step, &progress)
    case .index(let build):
      try await self.build(build, step, &progress)
    case .indexDrop:
      do {
        try await sendAlone(step, &progress)
      } catch let error as PostgresError where progress.isInDoubt && error.sqlState == "42704" {
        // undefined_object: the runner that was killed had dropped it.
      }
    }
    progress.isCarriedOut = true
    try await runner.checkReading(step, of: script)
    // It is done: a signal must not keep that from being written down.
    progress.entry = try entryNumber(
      await write(.progressed, recording(progressed(progress, since: start))))
  }

  /// Sends a statement that runs by itself, in one transaction or in several.
  private func sendAlone(_ step: Script.Step, _ progress: inout StepwiseProgress) async throws {
    let before = try await Self.transactions(connection)
    do {
      try await runner.send(step, of: script)
    } catch let error as PostgresError where !error.isConnectionLost {
      // Its first one, and the one that asks.
      let isFirst = try? await Self.transactions(connection) == before + 2
      progress.isTakenBack = isFirst ?? false
      throw error
    }
  }

  /// The number of this session's transaction that asks, which counts all of them, also those that write nothing.
  private static func transactions(_ connection: PostgresConnection) async throws -> Int {
    let rows = try await connection.query(
      """
      SELECT pg_catalog.split_part(l.virtualtransaction, '/', 2) AS number FROM pg_catalog.pg_locks AS l
      WHERE l.locktype OPERATOR(pg_catalog.=) 'virtualxid'
        AND l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
      """)
    return rows.first?["number"].flatMap { Int($0) } ?? 0
  }

  private func inTransaction(
    _ step: Script.Step, _ progress: inout StepwiseProgress, _ prepare: String
  ) async throws {
    let start = ContinuousClock.now
    let entry: Int
    do {
      if progress.settings.isEmpty {
        try await connection.execute("BEGIN; \(prepare)")
      } else {
        // What the file has set may be how a transaction begins.
        try await connection.execute(prepare)
        try await connection.execute("BEGIN")
      }
      try await runner.send(step, of: script)
      try await runner.checkReading(step, of: script)
      try await connection.execute(Runner.runDeferred)
      entry = try entryNumber(
        await connection.execute(recording(progressed(progress, since: start))))
    } catch {
      await connection.rollBackTransaction()
      throw error
    }
    do {
      try await connection.commitTransaction()
    } catch {
      await connection.rollBackTransaction()
      // A deferred constraint.
      if let error = error as? PostgresError, !error.isConnectionLost { throw error }
      throw UnansweredRow(event: .progressed, isCommit: true, cause: error)
    }
    progress.entry = entry
  }

  /// The row that tells that the statement at hand is done, and how long it took.
  private func progressed(
    _ progress: StepwiseProgress, since start: ContinuousClock.Instant
  ) -> LedgerEntry {
    entry(
      .progressed, codeHash: progress.code.text, statement: progress.done + 1,
      milliseconds: start.duration(to: .now).milliseconds)
  }

  private func build(
    _ build: IndexBuild, _ step: Script.Step, _ progress: inout StepwiseProgress
  ) async throws {
    let name = build.name ?? ""
    // Nothing is sent before that is known.
    progress.isTakenBack = true
    let state = try await IndexState.read(build, compares: true, connection)
    progress.isTakenBack = nil
    switch state.before(name) {
    case .build: break
    case .adopt:
      let line = "\(file.path): the index \(name) is there already, valid and equal: taken over"
      Output.talk(Record("index", path: file.path, message: line), line)
      return
    case .rebuild:
      let line =
        "\(file.path): the index \(name) is INVALID, left by a build that failed: built anew"
      Output.talk(Record("index", path: file.path, message: line), line)
      // One of the same name may come before it in the search_path.
      let schema = try await IndexState.schema(of: build, connection)
      try await connection.execute(
        "DROP INDEX CONCURRENTLY IF EXISTS \(IndexState.quoted([schema, name]))")
    case .refuse(let message, let hint):
      progress.isTakenBack = true
      throw told(progress.done).refused(
        message, hint: hint, at: script.place(of: step), isClean: progress.isClean)
    }
    try await sendAlone(step, &progress)
    if let wrong = try await IndexState.read(build, compares: false, connection).after(name) {
      throw told(progress.done).refused(
        wrong, hint: "see what has made it so; migrate resume builds it anew",
        at: script.place(of: step), isClean: false)
    }
  }

  func entry(
    _ event: LedgerEvent, codeHash: String? = nil, statement: Int? = nil, milliseconds: Double = 0
  ) -> LedgerEntry {
    LedgerEntry(
      event: event, file: script.source, codeHash: codeHash, statement: statement,
      statements: script.steps.count, milliseconds: milliseconds)
  }

  func told(_ done: Int, doubt: StepwiseReport.Doubt = .none) -> StepwiseReport {
    StepwiseReport(
      file: file, done: done, statements: script.steps.count, before: before, doubt: doubt)
  }
}
