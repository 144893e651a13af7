internal import Postgres
internal import SQLScript

/// Files that are applied in one transaction, with their rows in the ledger: all of them or none.
struct TransactionalRun: Sendable {
  let runner: Runner
  let files: [MigrationFile]
  /// How many files were applied before.
  let before: Int
  private let script: @Sendable (MigrationFile) throws -> FileScript

  /// Of one file.
  init(runner: Runner, script: FileScript, before: Int) {
    self.runner = runner
    self.files = [script.file]
    self.before = before
    self.script = { _ in script }
  }

  /// Of several files, each of which is read when its turn comes.
  init(runner: Runner, files: [MigrationFile], before: Int) {
    self.runner = runner
    self.files = files
    self.before = before
    self.script = { try FileScript($0, variables: runner.variables) }
  }

  private var connection: PostgresConnection { runner.connection }
  private var told: TransactionalReport { TransactionalReport(files: files, before: before) }

  private struct FileFailure: Error {
    var script: FileScript
    /// The transaction that it ran in.
    var xid: String?
    /// The statement; `nil`: COMMIT.
    var step: Script.Step?
    /// Whether it was COMMIT that was not answered.
    var isCommit = false
    var error: PostgresError
  }

  private struct EndedTransaction: Error {
    var file: MigrationFile
    var xid: String?
  }

  private struct Applied {
    var file: MigrationFile
    /// Its row in the ledger, and the number of the command that wrote it.
    var entry = 0
    var command = 0
    /// What it creates, by name.
    var names: Set<String> = []
  }

  /// What a file has taken so far, in all attempts.
  private struct Tally {
    var took = Duration.zero
    var waited = Duration.zero
  }

  func run() async throws {
    var retries = LockRetries()
    var tallies: [String: Tally] = [:]
    while true {
      do {
        try await attempt(&tallies)
        return
      } catch let ended as EndedTransaction {
        throw await report(ended)
      } catch let failure as FileFailure {
        if await TransactionOutcome.of(failure.xid, connection) == .committed {
          let ended = await report(EndedTransaction(file: failure.script.file, xid: failure.xid))
          var both = report(failure)
          both.code = .sql
          both.lines.removeLast()
          both.lines += [ended.message] + ended.lines
          throw both
        }
        let action = retries.failed(failure.error.sqlState)
        guard case .retry(let pause, let attempt) = action else { throw report(failure) }
        let line =
          "\(failure.script.file.path): \(failure.error.message); attempt \(attempt) of \(LockRetries.limit)"
        Output.talk(Record("retry", path: failure.script.file.path, message: line), line)
        // What the file has prepared survives its transaction, and would be in the way of the next one. A
        // connection that is lost says so when that begins.
        _ = try? await connection.execute(Runner.reset)
        do { try await Task.sleep(for: pause) } catch { throw told.stopped }
      } catch let objection as Objection {
        throw objection.failure(now: told.rolledBack)
      } catch is CancellationError {
        throw told.stopped
      }
    }
  }

  private func attempt(_ tallies: inout [String: Tally]) async throws {
    var applied: [Applied] = []
    var last: FileScript?
    let xid: String
    do {
      xid =
        try await connection.execute("BEGIN; SELECT pg_catalog.pg_current_xact_id() AS xid")
        .last?.first?["xid"] ?? ""
      let catalog = ObjectCatalog(connection: connection)
      let stamps = isRepeatable ? try await catalog.stamps() : [:]
      for file in files {
        runner.watch.fileBegins()
        let start = ContinuousClock.now
        var tally = tallies[file.path] ?? Tally()
        defer {
          tally.took += start.duration(to: .now)
          tally.waited += runner.watch.lockWait
          tallies[file.path] = tally
        }
        let script = try MigrateFailure.saying(told.rolledBack) { try self.script(file) }
        last = script
        applied.append(try await apply(script, xid: xid, since: start - tally.took))
      }
      if isRepeatable { try await recordObjects(of: applied, since: stamps, catalog) }
    } catch {
      await connection.rollBackTransaction()
      throw error
    }
    do {
      // It waits for standbys, if it has to.
      runner.watch.statementBegins("\(told.what): COMMIT")
      defer { runner.watch.statementEnds() }
      try await connection.commitTransaction()
    } catch let error as PostgresError {
      await connection.rollBackTransaction()
      // A deferred constraint, or the connection.
      throw FileFailure(script: last!, xid: xid, step: nil, isCommit: true, error: error)
    } catch is CancellationError {
      await connection.rollBackTransaction()
      // The server may have been faster than the cancellation.
      switch await TransactionOutcome.of(xid, connection) {
      case .rolledBack: throw told.stopped
      case .unknown: throw told.stoppedWithin
      case .committed:
        tell(applied, tallies)
        throw told.stoppedBehind
      }
    }
    tell(applied, tallies)
  }

  private func tell(_ applied: [Applied], _ tallies: [String: Tally]) {
    for each in applied {
      let tally = tallies[each.file.path] ?? Tally()
      runner.report(each.file, tally.took, waited: tally.waited)
    }
  }

  private var isRepeatable: Bool { files[0].kind == .repeatable }

  private func recordObjects(
    of applied: [Applied], since stamps: [DatabaseObject.Key: DatabaseObject.Stamp],
    _ catalog: ObjectCatalog
  ) async throws {
    let owners = ObjectOwners(
      files: applied.map {
        ObjectOwners.File(path: $0.file.path, names: $0.names, end: $0.command)
      }, before: try await catalog.owners(among: runner.repeatable))
    let entries = Dictionary(
      applied.map { ($0.file.path, $0.entry) }, uniquingKeysWith: { first, _ in first })
    let objects = try await catalog.changed(since: stamps).compactMap { changed in
      owners.owner(of: changed).flatMap { entries[$0] }.map { ($0, changed.object) }
    }
    try await catalog.record(objects)
  }

  private func apply(
    _ script: FileScript, xid: String, since start: ContinuousClock.Instant
  ) async throws -> Applied {
    if let timeout = script.headers.lockTimeout {
      try await connection.execute("SET LOCAL lock_timeout = '\(timeout)'")
    }
    for step in script.steps {
      do {
        try await runner.send(step, of: script)
      } catch let error as PostgresError {
        throw FileFailure(script: script, xid: xid, step: step, error: error)
      }
      try await runner.checkReading(step, of: script)
    }
    guard await connection.isInTransaction else {
      throw EndedTransaction(file: script.file, xid: xid)
    }
    let row = Ledger.insertTelling(
      LedgerEntry(
        event: .applied, file: script.source, codeHash: script.codeHash,
        milliseconds: start.duration(to: .now).milliseconds))
    do {
      // Of several files, the later ones would no longer defer.
      let end = isRepeatable ? Runner.reset : "\(Runner.runDeferred); \(Runner.reset)"
      let results = try await connection.execute(
        "\(end); \(SessionLock.mute); \(row); \(SessionLock.unmute)")
      // Otherwise it is not committed.
      guard let written = results.dropLast().last?.first, written["xid"] == xid else {
        throw EndedTransaction(file: script.file, xid: xid)
      }
      guard written["is_held"] == "t" else { throw SessionLock.released(by: script.file.path) }
      return Applied(
        file: script.file, entry: written["entry_id"].flatMap { Int($0) } ?? 0,
        command: written["command"].flatMap { Int($0) } ?? 0,
        names: isRepeatable ? Set(script.steps.compactMap(\.statement.createdName)) : [])
    } catch let error as PostgresError {
      throw FileFailure(script: script, xid: xid, step: nil, error: error)
    }
  }

  private func report(_ ended: EndedTransaction) async -> MigrateFailure {
    told.ended(
      ended.file, isCommitted: await TransactionOutcome.of(ended.xid, connection) == .committed)
  }

  private func report(_ failure: FileFailure) -> MigrateFailure {
    told.failed(
      failure.error, in: failure.script, at: failure.step,
      isUnanswered: failure.isCommit && failure.error.isConnectionLost)
  }
}
