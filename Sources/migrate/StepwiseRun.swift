internal import Postgres
internal import SQLScript

/// A file without a transaction: its statements one by one, each recorded.
struct StepwiseRun: Sendable {
  let runner: Runner
  let script: FileScript
  /// How far an earlier run has come; `nil`: this is the first.
  let partial: Ledger.Partial?

  private var file: MigrationFile { script.file }
  private var connection: PostgresConnection { runner.connection }

  /// COMMIT of a statement whose answer has not come.
  private struct UnansweredCommit: Error {
    /// `CancellationError`, or a lost connection.
    var cause: any Error
  }

  func run() async throws {
    let start = ContinuousClock.now
    runner.watch.fileBegins()
    var done = partial?.done ?? 0
    try partial?.check(script)
    // What those that are done come to, kept along: a file may have many.
    var code = CodeHash(script.steps[..<done])
    var settings = script.steps[..<done].filter(\.statement.isSetting).map(\.statement.text)
    do {
      try await Ledger.record(entry(partial == nil ? .started : .resumed), connection)
      while done < script.steps.count {
        // Of the statement that a killed runner was at, nobody knows.
        let isInDoubt = partial.map { $0.done == done && $0.failure == nil } ?? false
        let step = script.steps[done]
        code.add(step)
        try await carryOut(
          step, entry(.progressed, codeHash: code.text, statement: done + 1), settings,
          isInDoubt: isInDoubt)
        if step.statement.isSetting { settings.append(step.statement.text) }
        done += 1
      }
      let took = start.duration(to: .now)
      let row = Ledger.insert(
        entry(.applied, codeHash: script.codeHash, milliseconds: took.milliseconds))
      try await connection.execute("\(Runner.reset); \(row)")
      runner.report(file, took, waited: runner.watch.lockWait)
    } catch let failure as MigrateFailure {
      if failure.code == .partial { await recordFailure(failure.message, nil, done: done) }
      throw failure
    } catch let error as PostgresError {
      throw await report(error, done: done)
    } catch let commit as UnansweredCommit {
      throw await report(commit, done: done)
    } catch is CancellationError {
      var told = told(done)
      // One by itself may have been faster than the signal.
      told.isInDoubt = mode(of: done)?.isUnseen ?? false
      throw told.stopped(left: await leftover(done))
    }
  }

  /// - Parameters:
  ///   - progress: Its row in the ledger.
  ///   - settings: What the file has set so far.
  private func carryOut(
    _ step: Script.Step, _ progress: LedgerEntry, _ settings: [String], isInDoubt: Bool
  ) async throws {
    let start = ContinuousClock.now
    let mode = StepMode(step.statement)
    let done = progress.statement! - 1
    let timeout = mode.isPatient ? "0" : script.headers.lockTimeout ?? Headers.defaultLockTimeout
    // That holds for each of its statements, also when this run is not the one that set it; the row in the
    // ledger is written without it.
    let prepare = (["SET lock_timeout = '\(timeout)'"] + settings).joined(separator: ";\n")
    if mode != .recorded { try await connection.execute(prepare) }
    switch mode {
    case .recorded:
      do {
        try await inTransaction(step, progress, prepare)
        return
      } catch let error as PostgresError where error.sqlState == "25001" {
        // active_sql_transaction: one more that refuses to run in a transaction.
        try await connection.execute(prepare)
        try await runner.send(step, of: script)
      }
    case .alone, .concurrent:
      try await runner.send(step, of: script)
    case .index(let build):
      try await self.build(build, step, done: done)
    case .indexDrop:
      do {
        try await runner.send(step, of: script)
      } catch let error as PostgresError where isInDoubt && error.sqlState == "42704" {
        // undefined_object: the runner that was killed had dropped it.
      }
    }
    try await runner.checkReading(step, of: script, now: progressLine(done))
    try await record(progress, since: start)
  }

  private func inTransaction(
    _ step: Script.Step, _ progress: LedgerEntry, _ prepare: String
  ) async throws {
    let start = ContinuousClock.now
    do {
      try await connection.execute("BEGIN; \(prepare)")
      try await runner.send(step, of: script)
      try await runner.checkReading(step, of: script, now: progressLine(progress.statement! - 1))
      try await connection.execute(Runner.runDeferred)
      try await record(progress, since: start)
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
      throw UnansweredCommit(cause: error)
    }
  }

  /// Writes down that a statement is done, and how long it took.
  private func record(
    _ progress: LedgerEntry, since start: ContinuousClock.Instant
  ) async throws {
    var progress = progress
    progress.milliseconds = start.duration(to: .now).milliseconds
    let written = try await connection.execute(
      "\(Runner.resetSettings); \(Ledger.insert(progress, ifLocked: true))")
    guard written.last?.first == nil else { return }
    throw SessionLock.released(by: file.path, now: progressLine(progress.statement! - 1))
  }

  private func build(_ build: IndexBuild, _ step: Script.Step, done: Int) async throws {
    let name = build.name ?? ""
    let state = try await IndexState.read(build, compares: true, connection)
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
      throw told(done).refused(
        message, hint: hint, at: script.place(of: step))
    }
    try await runner.send(step, of: script)
    if let wrong = try await IndexState.read(build, compares: false, connection).after(name) {
      throw told(done).refused(
        wrong, hint: "see what has made it so; migrate resume builds it anew",
        at: script.place(of: step))
    }
  }

  private func entry(
    _ event: LedgerEvent, codeHash: String? = nil, statement: Int? = nil, milliseconds: Double = 0
  ) -> LedgerEntry {
    LedgerEntry(
      event: event, file: script.source, codeHash: codeHash, statement: statement,
      statements: script.steps.count, milliseconds: milliseconds)
  }

  private func told(_ done: Int) -> StepwiseReport {
    StepwiseReport(file: file, done: done, statements: script.steps.count)
  }

  private func progressLine(_ done: Int) -> String { told(done).now }

  /// Of the statement behind so many; `nil`: there is none.
  private func mode(of done: Int) -> StepMode? {
    done < script.steps.count ? StepMode(script.steps[done].statement) : nil
  }

  /// What the statement that was stopped has left behind, in a line. Asked while what the file has set still
  /// holds: the table may be named without its schema.
  private func leftover(_ done: Int) async -> String? {
    guard let mode = mode(of: done) else { return nil }
    let connection = connection
    // This task may be cancelled.
    return await Task { () -> String? in
      switch mode {
      case .index(let build):
        guard let name = build.name,
          case .invalid? = try? await IndexState.read(build, compares: false, connection)
        else { return nil }
        return StepwiseReport.leftByBuild(name)
      case .concurrent:
        let names = try? await IndexState.leftByReindex(connection)
        return names.map(StepwiseReport.leftByReindex)
      case .recorded, .alone, .indexDrop: return nil
      }
    }.value
  }

  private func report(_ error: PostgresError, done: Int) async -> MigrateFailure {
    let step = done < script.steps.count ? script.steps[done] : nil
    let sql = SQLErrorReport(error, path: file.path, text: script.text, step: step)
    let isLost = error.isConnectionLost
    let left = await leftover(done)
    if !isLost { await recordFailure(error.message, error.sqlState, done: done) }
    let mode = mode(of: done)
    var told = told(done)
    told.isInDoubt = isLost && mode != nil && mode != .recorded
    // Nothing of it is there if its first statement was rolled back.
    let isClean = done == 0 && mode == .recorded && !isLost
    return told.failed(sql, isLost: isLost, isClean: isClean, left: left)
  }

  /// The ledger knows, if it can be asked.
  private func report(_ commit: UnansweredCommit, done: Int) async -> MigrateFailure {
    let connection = connection
    let row: [PostgresParameter] = [
      .int(file.version.map { Int64($0) }), .int(Int64(done + 1)),
    ]
    let isRecorded = await Task {
      try? await connection.query(
        """
        SELECT EXISTS (SELECT FROM migrate.ledger
            WHERE version = $1 AND event = 'progressed' AND statement = $2) AS recorded
        """, row
      ).first?["recorded"]
    }.value
    var told = told(isRecorded == "t" ? done + 1 : done)
    told.isInDoubt = isRecorded == nil
    guard let error = commit.cause as? PostgresError else { return told.stopped(left: nil) }
    let sql = SQLErrorReport(
      error, path: file.path, text: script.text, step: script.steps[done])
    return told.failed(sql, isLost: true, isClean: false, left: nil)
  }

  private func recordFailure(_ message: String, _ sqlState: String?, done: Int) async {
    await connection.rollBackTransaction()
    var entry = entry(.failed)
    entry.statement = done
    entry.error = message
    entry.sqlState = sqlState
    // What went wrong is told anyway.
    _ = try? await connection.execute("\(Runner.reset); \(Ledger.insert(entry))")
  }
}
