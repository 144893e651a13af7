internal import Postgres
internal import SQLScript

/// `migrate up --rehearse`: everything in one transaction that is rolled back, with the locks that each file
/// has taken. Sequences keep what they counted; nothing else stays.
struct Rehearsal: Sendable {
  let work: MigrationWork
  let plan: Plan

  private var connection: PostgresConnection { work.connection }

  func run() async throws {
    guard !plan.isEmpty else {
      Output.data(Record("done", message: "nothing to do"), "nothing to do")
      return
    }
    try FileScript.check(plan, variables: work.options.variableValues)
    let watch = await Watch(connection, work.configuration)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await rehearse(watch)
        return true
      }
      group.addTask {
        await watch.run()
        return false
      }
      while let isDone = try await group.next(), !isDone {}
      group.cancelAll()
    }
    Output.data(Record("done", message: "rolled back"), "rehearsed: everything was rolled back")
  }

  private func rehearse(_ watch: Watch) async throws {
    let runner = Runner(
      connection: connection, watch: watch, variables: work.options.variableValues)
    do {
      try await connection.execute("BEGIN")
      for file in plan.files { try await rehearse(file, runner) }
      await connection.rollBackTransaction()
    } catch {
      await connection.rollBackTransaction()
      guard error is CancellationError else { throw error }
      throw MigrateFailure(
        code: .interrupted, message: "stopped by a signal",
        lines: ["NOW: everything was rolled back."])
    }
  }

  private func rehearse(_ file: MigrationFile, _ runner: Runner) async throws {
    let script = try FileScript(file, variables: runner.variables)
    let start = ContinuousClock.now
    runner.watch.fileBegins()
    var left: [String] = []
    var before = try await locks()
    for (index, step) in script.steps.enumerated() {
      // What refuses to run in a transaction cannot be taken back.
      guard file.headers.isTransactional || StepMode(step.statement) == .recorded else {
        left.append("\(index + 1)")
        continue
      }
      do {
        try await runner.send(step, of: script)
      } catch let error as PostgresError {
        let report = SQLErrorReport(error, path: file.path, text: script.text, step: step)
        throw MigrateFailure(
          code: error.isConnectionLost ? .connection : .sql, message: report.first,
          lines: report.rest + ["NOW: it was a rehearsal; everything was rolled back."],
          details: report.details)
      }
      try await runner.checkStrings(step, of: script, now: "NOW: everything was rolled back.")
    }
    let took = start.duration(to: .now)
    try await connection.execute(Runner.resetSettings)
    let after = try await locks()
    before = before.filter { lock in after.contains(lock) }
    let new = after.filter { !before.contains($0) }
    var record = Record(
      "file", path: file.path, number: file.version, state: "rehearsed",
      milliseconds: took.milliseconds)
    record.locks = new
    let rest =
      left.isEmpty ? "" : "\n  not rehearsed: statement \(left.joined(separator: ", "))"
    Output.data(
      record,
      "rehearsed  \(file.path)  \(Output.milliseconds(took))\(PlanCommand.lines(new))\(rest)")
  }

  /// The locks of this transaction on tables of users, except ACCESS SHARE.
  private func locks() async throws -> [Record.Lock] {
    let rows = try await connection.query(
      """
      SELECT c.oid::pg_catalog.regclass::text AS name, pg_catalog.max(pg_catalog.pg_total_relation_size(c.oid)) AS bytes,
          pg_catalog.max(pg_catalog.array_position(ARRAY['AccessShareLock', 'RowShareLock', 'RowExclusiveLock',
              'ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
              'AccessExclusiveLock'], l.mode)) AS mode
      FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
      WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted
        AND c.oid >= 16384 AND c.relkind IN ('r', 'm', 'p')
        AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
      GROUP BY c.oid
      ORDER BY name
      """)
    return rows.compactMap { row in
      guard let rank = row["mode"].flatMap({ Int($0) }), rank > 1 else { return nil }
      return Record.Lock(
        table: row["name"] ?? "", mode: TableLock.Mode.allCases[rank - 1].rawValue,
        bytes: row["bytes"].flatMap { Int($0) })
    }
  }
}
