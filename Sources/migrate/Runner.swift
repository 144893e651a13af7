internal import Postgres
internal import SQLScript

/// Applies a plan: each versioned file by itself, the repeatable ones together.
struct Runner: Sendable {
  let connection: PostgresConnection
  let watch: Watch
  /// Values of `:name` and its like.
  var variables: [String: String] = [:]
  /// The paths of all repeatable files that there are.
  var repeatable: [String] = []

  struct Summary: Equatable {
    var applied = 0
  }

  /// Applies every file of the plan, telling each with its milliseconds.
  func apply(_ plan: Plan) async throws -> Summary {
    var summary = Summary()
    for file in plan.versioned {
      let partial = file.version.flatMap { plan.partial[$0] }
      // It was read before, but may have been edited since.
      let script = try MigrateFailure.saying(
        partial?.now(file)
          ?? "NOW: \(file.path) was not begun; \(Self.before(summary.applied))."
      ) { try FileScript(file, variables: variables) }
      if script.headers.isTransactional {
        try await TransactionalRun(runner: self, script: script, before: summary.applied).run()
      } else {
        try await StepwiseRun(
          runner: self, script: script, partial: partial, before: summary.applied
        ).run()
      }
      summary.applied += 1
    }
    if !plan.repeatable.isEmpty {
      try await TransactionalRun(runner: self, files: plan.repeatable, before: summary.applied)
        .run()
      summary.applied += plan.repeatable.count
    }
    return summary
  }

  /// Sends one statement, watched.
  func send(_ step: Script.Step, of script: FileScript) async throws {
    watch.statementBegins("\(script.file.path):\(script.line(of: step))")
    defer { watch.statementEnds() }
    if let data = step.data {
      try await connection.copy(step.statement.text, data: data.bytes)
    } else {
      try await connection.execute(step.statement.text)
    }
  }

  /// The file is UTF-8, and was split with standard_conforming_strings on; the server must read the rest so,
  /// too.
  /// - Throws: `Objection`.
  func checkReading(_ step: Script.Step, of script: FileScript) async throws {
    for (parameter, wanted, hint) in [
      (
        "standard_conforming_strings", "on",
        "leave it on, and write E'…' where a backslash is to escape"
      ),
      ("client_encoding", "UTF8", "leave it at UTF8, which the file is in"),
    ] {
      let value = await connection.parameterStatus(parameter)
      guard value != wanted else { continue }
      throw Objection(
        message:
          "\(script.file.path):\(script.place(of: step)): \(parameter) is \(value ?? "unknown")",
        hint: hint)
    }
  }

  /// What is deferred runs while the file's role and settings still hold, as it would at a COMMIT of psql's;
  /// behind them it would run with the runner's own rights.
  static let runDeferred = "SET CONSTRAINTS ALL IMMEDIATE"

  /// Back to the role and the settings that every file starts with.
  static let resetSettings = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL"

  /// What a file sets ends with it: role, settings, what it has prepared, temporary tables; not the lock.
  static let reset = "\(resetSettings); CLOSE ALL; DEALLOCATE ALL; UNLISTEN *; DISCARD TEMP"

  /// - Parameter waited: How much of the time it stood in queues for locks, as far as that was seen.
  func report(_ file: MigrationFile, _ took: Duration, waited: Duration) {
    let state = "applied"
    var record = Record(
      "file", path: file.path, number: file.version, state: state,
      milliseconds: took.milliseconds)
    record.lockWaitMilliseconds = waited.milliseconds
    let wait = waited > .zero ? "  (\(Output.milliseconds(waited)) of them for locks)" : ""
    Output.data(record, "\(state)  \(file.path)  \(Output.milliseconds(took))\(wait)")
  }

  /// How many files stay applied, for an error.
  static func before(_ count: Int) -> String {
    switch count {
    case 0: "nothing was applied"
    case 1: "1 file before it stays applied"
    default: "\(count) files before it stay applied"
    }
  }
}
