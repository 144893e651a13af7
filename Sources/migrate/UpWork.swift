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
    do {
      try await finish(plan)
    } catch is CancellationError {
      throw MigrateFailure(
        code: .interrupted, message: "stopped by a signal",
        lines: [
          "NOW: all files are applied; what follows them was not done.",
          "HINT: run migrate up again to ask the checks.",
        ])
    }
  }

  private func finish(_ plan: Plan) async throws {
    let prune = Prune(
      connection: work.connection, files: files, variables: work.options.variableValues)
    if prunes {
      try await Ledger.create(work.connection)
      try await prune.run()
    } else if !plan.repeatable.isEmpty {
      try await prune.report()
    }
    if let file = files.checks {
      try await Checks(file: file, connection: work.connection).run()
    }
  }
}
