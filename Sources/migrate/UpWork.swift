internal import Postgres

/// What `migrate up` and `migrate resume` do with a plan.
struct UpWork: Sendable {
  let work: MigrationWork
  let files: MigrationFiles
  /// The last number; `nil`: everything.
  let limit: Int?
  let prunes: Bool

  func run(_ plan: Plan) async throws {
    let start = ContinuousClock.now
    for file in plan.touched {
      let line = "\(file.path): comments or white space were edited; it does what was applied"
      Output.talk(Record("touched", path: file.path, message: line), line)
    }
    let all = files.versioned.count + files.repeatable.count
    if plan.isEmpty {
      let what = limit.map { "everything up to \($0) is applied" } ?? "all \(all) files are applied"
      Output.data(Record("done", message: what), "nothing to do: \(what)")
    } else {
      let summary = try await work.apply(plan, of: files)
      let took = start.duration(to: .now)
      let what = "\(summary.applied) of \(all) files applied"
      Output.data(
        Record("done", milliseconds: took.milliseconds, message: what),
        "done: \(what) in \(Output.milliseconds(took))")
    }
    guard limit == nil else { return }
    let prune = Prune(work: work, files: files)
    if prunes { try await prune.run() }
    let applied = "all files are applied" + (prunes ? ", and what was stale is dropped" : "")
    do {
      if !prunes, plan.hasApplied || !plan.repeatable.isEmpty {
        try await prune.report(isNew: !plan.isEmpty)
      }
      if let file = files.checks {
        try await Checks(file: file, connection: work.connection).run()
      }
    } catch let failure as MigrateFailure {
      throw failure.saying("NOW: \(applied).")
    } catch let error as PostgresError {
      // What is stale is not known, or whether the ledger knows of any.
      throw SQLErrorReport.failure(error, now: "\(applied).", command: "migrate up")
    } catch is CancellationError {
      // They change nothing.
      throw LedgerTransaction.stopped(
        "\(applied); the checks were not asked.", hint: "run migrate up again to ask them")
    }
  }
}
