internal import Postgres
internal import SQLScript

/// `migrate up --rehearse`: everything in one transaction that is rolled back, with the locks that each file
/// has taken. Sequences keep what they counted; nothing else stays.
struct Rehearsal: Sendable {
  let connection: PostgresConnection
  let watch: Watch
  let plan: Plan
  /// Values of `:name` and its like.
  let variables: [String: String]

  init(
    connection: PostgresConnection, watch: Watch, plan: Plan, variables: [String: String] = [:]
  ) {
    self.connection = connection
    self.watch = watch
    self.plan = plan
    self.variables = variables
  }

  init(work: MigrationWork, plan: Plan) async {
    self.init(
      connection: work.connection, watch: await Watch(work.connection, work.configuration),
      plan: plan, variables: work.options.variableValues)
  }

  func run() async throws {
    guard !plan.isEmpty else {
      Output.data(Record("done", message: "nothing to do"), "nothing to do")
      return
    }
    try FileScript.check(plan, variables: variables)
    try await watch.during { try await rehearse() }
    Output.data(Record("done", message: "rolled back"), "rehearsed: everything was rolled back")
  }

  private static let now = "NOW: it was a rehearsal; everything was rolled back."

  /// Carries out every file, and rolls back.
  func rehearse() async throws {
    let runner = Runner(connection: connection, watch: watch, variables: variables)
    do {
      let begun = try await connection.execute(
        "BEGIN; SELECT pg_catalog.pg_current_xact_id() AS xid")
      let xid = begun.last?.first?["xid"] ?? ""
      var constraints = RehearsedConstraints()
      var last: FileScript?
      for file in plan.files {
        let script = try MigrateFailure.saying(Self.now) {
          try FileScript(file, variables: variables)
        }
        try await rehearse(script, runner, &constraints, xid: xid)
        last = script
      }
      if let last, last.file.kind == .repeatable {
        // They are one transaction.
        try await runDeferred(of: last, step: nil)
        try await checkLock(last.file)
      }
      await connection.rollBackTransaction()
    } catch {
      await connection.rollBackTransaction()
      if let objection = error as? Objection { throw objection.failure(now: Self.now) }
      guard error is CancellationError else { throw error }
      throw MigrateFailure(
        code: .interrupted, message: "stopped by a signal",
        lines: [Self.now, "HINT: run migrate up --rehearse again to see the rest."])
    }
  }

  private func rehearse(
    _ script: FileScript, _ runner: Runner, _ constraints: inout RehearsedConstraints, xid: String
  ) async throws {
    let file = script.file
    let partial = file.version.flatMap { plan.partial[$0] }
    try partial?.check(script)
    let done = partial?.done ?? 0
    let start = ContinuousClock.now
    runner.watch.fileBegins()
    var left: [String] = []
    // What a file locks that one before it holds already, only the look at its statements tells.
    let planned = try await PlannedLocks.byTable(
      script.steps.dropFirst(done).filter { Self.isRehearsed($0, of: script) }
        .flatMap(\.statement.tableLocks), withSizes: false, connection)
    let before = try await locks()
    if let timeout = script.headers.lockTimeout {
      try await connection.execute("SET LOCAL lock_timeout = '\(timeout)'")
    }
    for (index, step) in script.steps.enumerated() {
      // Of what is done, only what it has set.
      if index < done, !step.statement.isSetting { continue }
      guard try await carryOut(step, of: script, runner, &constraints) else {
        left.append("\(index + 1)")
        continue
      }
    }
    try await checkTransaction(xid, file)
    if file.version != nil, script.headers.isTransactional {
      try await runDeferred(of: script, step: nil)
    }
    let took = start.duration(to: .now)
    try await checkLock(file)
    // Names are printed by the search_path: the same one as before.
    try await connection.execute(Runner.reset)
    if file.version != nil {
      do {
        try await constraints.reset(connection)
      } catch var error as PostgresError {
        error.position = nil
        throw failure(error, of: script, step: nil)
      }
    }
    let new = try await locks().compactMap { id, lock -> Record.Lock? in
      guard lock.mode == before[id]?.mode else { return lock }
      return planned[id].map { Record.Lock(table: lock.table, mode: $0.mode, bytes: lock.bytes) }
    }.sorted { $0.table < $1.table }
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

  /// Whether it may run in a transaction, by the look of it.
  private static func isRehearsed(_ step: Script.Step, of script: FileScript) -> Bool {
    switch StepMode(step.statement) {
    case .recorded, .routine: true
    case .alone, .reindex, .detach, .index, .indexDrop: script.headers.isTransactional
    }
  }

  /// - Returns: Whether it can be rehearsed: what refuses to run in a transaction cannot be taken back.
  private func carryOut(
    _ step: Script.Step, of script: FileScript, _ runner: Runner,
    _ constraints: inout RehearsedConstraints
  ) async throws -> Bool {
    let isStepwise = !script.headers.isTransactional
    guard Self.isRehearsed(step, of: script) else { return false }
    if isStepwise { try await connection.execute("SAVEPOINT migrate_rehearsal") }
    do {
      try await runner.send(step, of: script)
    } catch let error as PostgresError
      where isStepwise && ["25001", "2D000"].contains(error.sqlState)
    {
      // active_sql_transaction: one more that refuses; invalid_transaction_termination: it would commit.
      try await connection.execute("ROLLBACK TO SAVEPOINT migrate_rehearsal")
      return false
    } catch let error as PostgresError {
      throw failure(error, of: script, step: step)
    }
    if isStepwise { try await connection.execute("RELEASE SAVEPOINT migrate_rehearsal") }
    try await runner.checkReading(step, of: script)
    if isStepwise {
      // It would be a transaction of its own.
      try await runDeferred(of: script, step: step)
    }
    do {
      if isStepwise {
        try await constraints.reset(connection)
      } else {
        try await constraints.ended(step, connection)
      }
    } catch var error as PostgresError {
      // Of what is asked behind it, not of the statement's text.
      error.position = nil
      throw failure(error, of: script, step: step)
    }
    return true
  }

  /// What waits for COMMIT, with the role and the settings that hold there.
  private func runDeferred(of script: FileScript, step: Script.Step?) async throws {
    do {
      try await connection.execute(Runner.runDeferred)
    } catch var error as PostgresError {
      error.position = nil
      var failure = failure(error, of: script, step: step)
      failure.lines.insert(
        "HINT: it was deferred: in a real run it comes before COMMIT.", at: failure.lines.count - 1)
      throw failure
    }
  }

  /// A real run would not record the file.
  private func checkLock(_ file: MigrationFile) async throws {
    guard await SessionLock.isHeld(connection) else { throw SessionLock.released(by: file.path) }
  }

  private func failure(
    _ error: PostgresError, of script: FileScript, step: Script.Step?
  ) -> MigrateFailure {
    let report = SQLErrorReport(error, path: script.file.path, text: script.text, step: step)
    let isLock = LockRetries.states.contains(error.sqlState ?? "")
    let next =
      if error.isConnectionLost {
        "run migrate up --rehearse again when the server can be reached"
      } else if isLock {
        "run migrate up --rehearse again when those that hold the lock are done"
      } else {
        "mend it, and run migrate up --rehearse again"
      }
    return MigrateFailure(
      code: error.isConnectionLost ? .connection : isLock ? .lockRetries : .sql,
      message: report.first, lines: report.rest + [Self.now, "HINT: \(next)."],
      details: report.details)
  }

  /// What the look at the statements would miss, the transaction's number tells.
  private func checkTransaction(_ xid: String, _ file: MigrationFile) async throws {
    let now = try await connection.query("SELECT pg_catalog.pg_current_xact_id() AS xid")
    guard await !connection.isInTransaction || now.first?["xid"] != xid else { return }
    throw MigrateFailure(
      code: .usage,
      message:
        "\(file.path) ends its transaction: COMMIT, ROLLBACK and BEGIN have no place in it",
      lines: [
        "NOW: what it and the files before it did may be committed; no file is recorded.",
        "HINT: undo by hand what is left of it, and mend the file.",
      ])
  }

  /// The locks of this transaction on tables of users, except ACCESS SHARE, by the table's OID. Their names are
  /// those of the database's search_path, so operators are named with their schema.
  private func locks() async throws -> [String: Record.Lock] {
    let rows = try await connection.query(
      """
      SELECT c.oid, c.oid::pg_catalog.regclass::pg_catalog.text AS name, \(PlanCommand.bytes) AS bytes,
          pg_catalog.max(pg_catalog.array_position(ARRAY['AccessShareLock', 'RowShareLock', 'RowExclusiveLock',
              'ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
              'AccessExclusiveLock'], l.mode)) AS mode
      FROM pg_catalog.pg_locks AS l
      JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) l.relation
      WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
        AND l.locktype OPERATOR(pg_catalog.=) 'relation' AND l.granted
        AND c.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid
        AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'm', 'p']::pg_catalog."char"[])
        AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database AS d
            WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
      GROUP BY c.oid, c.relkind
      """)
    let locks = rows.compactMap { row -> (String, Record.Lock)? in
      guard let rank = row["mode"].flatMap({ Int($0) }), rank > 1 else { return nil }
      return (
        row["oid"] ?? "",
        Record.Lock(
          table: row["name"] ?? "", mode: TableLock.Mode.allCases[rank - 1].rawValue,
          bytes: row["bytes"].flatMap { Int($0) })
      )
    }
    return Dictionary(locks, uniquingKeysWith: { $1 })
  }
}
