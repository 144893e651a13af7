internal import Postgres
internal import SQLScript

/// Files that are applied in one transaction, with their rows in the ledger: all of them or none.
struct TransactionalRun: Sendable {
  let runner: Runner
  let files: [MigrationFile]
  /// How many files were applied before.
  let before: Int

  private var connection: PostgresConnection { runner.connection }

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
    var took: Duration
    /// Its row in the ledger, and the number of the command that wrote it.
    var entry = 0
    var command = 0
    /// What it creates, by name.
    var names: Set<String> = []
  }

  func run() async throws {
    var retries = LockRetries()
    while true {
      do {
        try await attempt()
        return
      } catch let ended as EndedTransaction {
        throw await report(ended)
      } catch let failure as FileFailure {
        if await hasCommitted(failure.xid) {
          let ended = await report(EndedTransaction(file: failure.script.file, xid: failure.xid))
          var told = report(failure, note: [ended.message] + ended.lines)
          told.code = .sql
          throw told
        }
        let action = retries.failed(failure.error.sqlState)
        guard case .retry(let pause, let attempt) = action else { throw report(failure) }
        let line =
          "\(failure.script.file.path): \(failure.error.message); attempt \(attempt) of \(LockRetries.limit)"
        Output.talk(Record("retry", path: failure.script.file.path, message: line), line)
        do { try await Task.sleep(for: pause) } catch { throw stopped() }
      } catch is CancellationError {
        throw stopped()
      }
    }
  }

  private func attempt() async throws {
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
        let script = try FileScript(file, variables: runner.variables)
        last = script
        applied.append(try await apply(script, xid: xid))
      }
      if isRepeatable { try await recordObjects(of: applied, since: stamps, catalog) }
    } catch {
      await connection.rollBackTransaction()
      throw error
    }
    do {
      try await connection.commitTransaction()
    } catch let error as PostgresError {
      await connection.rollBackTransaction()
      // A deferred constraint, or the connection.
      throw FileFailure(script: last!, xid: xid, step: nil, isCommit: true, error: error)
    } catch is CancellationError {
      await connection.rollBackTransaction()
      // The server may have been faster than the cancellation.
      guard await Task(operation: { await hasCommitted(xid) }).value else { throw stopped() }
      for each in applied { runner.report(each.file, each.took) }
      throw MigrateFailure(
        code: .interrupted, message: "stopped by a signal",
        lines: [
          "NOW: \(what) is applied, and so is what was before.",
          "HINT: migrate status shows it; run migrate up again to go on.",
        ])
    }
    for each in applied { runner.report(each.file, each.took) }
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

  private func apply(_ script: FileScript, xid: String) async throws -> Applied {
    let start = ContinuousClock.now
    if let timeout = script.file.headers.lockTimeout {
      try await connection.execute("SET LOCAL lock_timeout = '\(timeout)'")
    }
    for step in script.steps {
      do {
        try await runner.send(step, of: script)
      } catch let error as PostgresError {
        throw FileFailure(script: script, xid: xid, step: step, error: error)
      }
      try await runner.checkStrings(step, of: script, now: "NOW: \(script.file.path) rolled back.")
    }
    let took = start.duration(to: .now)
    guard await connection.isInTransaction else {
      throw EndedTransaction(file: script.file, xid: xid)
    }
    let row = Ledger.insert(
      LedgerEntry(
        event: .applied, file: script.file, codeHash: script.codeHash,
        milliseconds: took.milliseconds), ifIn: xid)
    do {
      let results = try await connection.execute("\(Runner.reset); \(row)")
      guard let written = results.last?.first else {
        throw EndedTransaction(file: script.file, xid: xid)
      }
      return Applied(
        file: script.file, took: took, entry: written["entry_id"].flatMap { Int($0) } ?? 0,
        command: written["command"].flatMap { Int($0) } ?? 0,
        names: isRepeatable ? Set(script.steps.compactMap(\.statement.createdName)) : [])
    } catch let error as PostgresError {
      throw FileFailure(script: script, xid: xid, step: nil, error: error)
    }
  }

  /// Whether the file itself has committed what it did.
  private func hasCommitted(_ xid: String?) async -> Bool {
    guard let xid, await connection.isUsable else { return false }
    let status = try? await connection.query(
      "SELECT pg_catalog.pg_xact_status($1::xid8) AS status", [.text(xid)])
    return status?.first?["status"] == "committed"
  }

  private func report(_ ended: EndedTransaction) async -> MigrateFailure {
    let before =
      await hasCommitted(ended.xid)
      ? "What it did before that is committed" : "What it did before that was rolled back"
    return MigrateFailure(
      code: .usage,
      message:
        "\(ended.file.path) ends its transaction: COMMIT, ROLLBACK and BEGIN have no place in it",
      lines: [
        "NOW: \(before); what it did after that may be. The file is not recorded.",
        "HINT: undo by hand what is left of it, mend the file, and run migrate up again.",
      ])
  }

  private var what: String {
    files.count == 1 ? files[0].path : "all \(files.count) repeatable files"
  }

  private func report(_ failure: FileFailure, note: [String]? = nil) -> MigrateFailure {
    let report = SQLErrorReport(
      failure.error, path: failure.script.file.path, text: failure.script.text, step: failure.step)
    let state = failure.error.sqlState ?? ""
    let code: MigrateFailure.Code =
      failure.error.isConnectionLost
      ? .connection : LockRetries.states.contains(state) ? .lockRetries : .sql
    let isUnknown = failure.isCommit && failure.error.isConnectionLost
    let now =
      isUnknown
      ? "NOW: \(what) was being committed: applied as a whole, or not at all. migrate status tells which; migrate up goes on."
      : "NOW: \(what) rolled back; \(Runner.before(before)). Mend it and run migrate up again."
    return MigrateFailure(
      code: code, message: report.first, lines: report.rest + (note ?? [now]),
      details: report.details)
  }

  private func stopped() -> MigrateFailure {
    MigrateFailure(
      code: .interrupted, message: "stopped by a signal",
      lines: [
        "NOW: the file at hand was rolled back; those before it stay applied.",
        "HINT: migrate status shows them; run migrate up again to go on.",
      ])
  }
}
